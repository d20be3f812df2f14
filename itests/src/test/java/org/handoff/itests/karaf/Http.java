package org.handoff.itests.karaf;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * One connection of a client that repairs nothing: a reset, a cut response and a missing one are each an
 * {@link IOException}, and nothing is ever sent a second time.
 */
public final class Http implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 60_000;
    private static final int CONTINUE = 100;
    private static final int SLOW_BYTES = 64 * 1024;

    private final Socket socket = new Socket();
    private final InputStream in;

    public Http(int port) throws IOException {
        this(port, 0);
    }

    /**
     * A client that may be slow; then the system keeps little for it, too.
     *
     * @param pauseNanos how long it pauses after each {@value #SLOW_BYTES} bytes that it reads
     */
    public Http(int port, long pauseNanos) throws IOException {
        try {
            if (pauseNanos > 0) {
                socket.setReceiveBufferSize(SLOW_BYTES);
            }
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MILLIS);
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.setTcpNoDelay(true);
            in = new BufferedInputStream(
                    pauseNanos == 0 ? socket.getInputStream() : new Pausing(socket.getInputStream(), pauseNanos),
                    1 << 16);
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

    /** A response. Header names are in lower case; of several fields with one name the last is kept. */
    public record Answer(int status, Map<String, String> headers, byte[] body) {

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
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
            http.socket.getOutputStream().write(body);
            return http.receive();
        }
    }

    public void send(byte[] bytes, int offset, int length) throws IOException {
        socket.getOutputStream().write(bytes, offset, length);
    }

    public void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Ends the connection with a reset, as a client does that crashed. */
    public void abort() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Whether something has come that was not received yet. */
    public boolean hasBegun() throws IOException {
        return in.available() > 0;
    }

    /** Whether the server has ended the connection in order: end of file, where a reset is an IOException. */
    public boolean ended() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** Receives one whole response; what says no more than that the request may go on is none. */
    public Answer receive() throws IOException {
        int status = status();
        while (status == CONTINUE) {
            headers();
            status = status();
        }
        Map<String, String> headers = headers();
        return new Answer(status, headers, body(headers));
    }

    /** Waits until the server says that the request may go on. */
    public void receiveContinue() throws IOException {
        int status = status();
        if (status != CONTINUE) {
            throw new IOException("status " + status + " in place of 100");
        }
        headers();
    }

    private int status() throws IOException {
        String statusLine = line();
        if (!statusLine.matches("HTTP/1\\.[01] \\d{3}( .*)?")) {
            throw new IOException("no status line: " + statusLine);
        }
        return Integer.parseInt(statusLine.substring(9, 12));
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new TreeMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return headers;
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        if ("chunked".equals(headers.get("transfer-encoding"))) {
            return chunks();
        }
        String length = headers.get("content-length");
        return length == null ? in.readAllBytes() : bytes(Integer.parseInt(length));
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = chunkSize(); size > 0; size = chunkSize()) {
            body.writeBytes(bytes(size));
            line();
        }
        headers();
        return body.toByteArray();
    }

    private int chunkSize() throws IOException {
        return Integer.parseInt(line().replaceFirst(";.*", "").strip(), 16);
    }

    private byte[] bytes(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("cut after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ended in a response's head, after: " + line);
            }
            line.append((char) c);
        }
        return line.toString().stripTrailing();
    }
}
