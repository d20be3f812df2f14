package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

import io.netty.channel.unix.Socket;

/** A connected client, and the descriptor by which the monitor holds the other end. */
final class MonitoredClient implements AutoCloseable {

    private final java.net.Socket socket = new java.net.Socket();
    private final int descriptor;

    MonitoredClient() throws IOException {
        Socket server = Socket.newSocketStream();
        try {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.listen(1);
            socket.setSoTimeout(TestPool.SECONDS * 1000);
            socket.connect(server.localAddress());
            descriptor = server.accept(new byte[64]);
        } finally {
            server.close();
        }
    }

    int descriptor() {
        return descriptor;
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Ends the connection by a reset instead of an end. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** Reads one response whose length is declared: its status and its body. */
    String response() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            assertTrue(next >= 0, () -> "ended in " + head);
            head.append((char) next);
        }
        String length = head.toString().toLowerCase(Locale.ROOT).split("content-length: ")[1];
        byte[] body = socket.getInputStream().readNBytes(Integer.parseInt(length.split("\r\n")[0]));
        return head.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()) + " "
                + new String(body, StandardCharsets.UTF_8);
    }

    /** What the system has of a server that is dead. */
    byte[] received(long bytes) throws IOException {
        return socket.getInputStream().readNBytes((int) bytes);
    }

    /** Whether the server has ended the connection. */
    boolean isEnded() throws IOException {
        return socket.getInputStream().read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
        new Socket(descriptor).close();
    }
}
