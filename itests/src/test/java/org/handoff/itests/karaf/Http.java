package org.handoff.itests.karaf;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.locks.LockSupport;

import org.handoff.testkit.Await;
import org.handoff.testkit.Client;

/**
 * One connection of a client that repairs nothing: a reset, a cut response and a missing one are each an
 * {@link IOException}, and nothing is ever sent a second time. It may be slow.
 */
public final class Http extends Client {

    private static final int CONTINUE = 100;
    private static final int SLOW_BYTES = 64 * 1024;

    public Http(int port) throws IOException {
        this(port, 0);
    }

    /**
     * A client that may be slow; then the system keeps little for it, too.
     *
     * @param pauseNanos how long it pauses after each {@value #SLOW_BYTES} bytes that it reads
     */
    public Http(int port, long pauseNanos) throws IOException {
        this(connected(port, pauseNanos), pauseNanos);
    }

    private Http(Socket socket, long pauseNanos) throws IOException {
        super(socket, pauseNanos == 0 ? socket.getInputStream() : new Pausing(socket.getInputStream(), pauseNanos));
    }

    private static Socket connected(int port, long pauseNanos) throws IOException {
        Socket socket = new Socket();
        try {
            if (pauseNanos > 0) {
                socket.setReceiveBufferSize(SLOW_BYTES);
            }
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) Await.DEADLINE.toMillis());
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Reads little at a time, with a pause behind it. */
    private static final class Pausing extends FilterInputStream {

        private final long pauseNanos;

        Pausing(InputStream in, long pauseNanos) {
            super(in);
            this.pauseNanos = pauseNanos;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = super.read(bytes, offset, Math.min(length, SLOW_BYTES));
            LockSupport.parkNanos(pauseNanos);
            return count;
        }
    }

    /** Sends one GET request on a connection of its own. */
    public static Answer get(int port, String target) throws IOException {
        try (Http http = new Http(port)) {
            http.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            return http.receive();
        }
    }

    /** Sends one POST request on a connection of its own. */
    public static Answer post(int port, String target, byte[] body) throws IOException {
        try (Http http = new Http(port)) {
            http.send("POST " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                    + body.length + "\r\n\r\n");
            http.send(body);
            return http.receive();
        }
    }

    public void send(byte[] bytes, int offset, int length) throws IOException {
        socket.getOutputStream().write(bytes, offset, length);
    }

    /** Whether something has come that was not received yet. */
    public boolean hasBegun() throws IOException {
        return in().available() > 0;
    }

    /** Receives one whole response; what says no more than that the request may go on is none. */
    public Answer receive() throws IOException {
        Answer answer = answer();
        while (answer.status() == CONTINUE) {
            answer = answer();
        }
        return answer;
    }

    /** Waits until the server says that the request may go on. */
    public void receiveContinue() throws IOException {
        int status = answer().status();
        if (status != CONTINUE) {
            throw new IOException("status " + status + " in place of 100");
        }
    }
}
