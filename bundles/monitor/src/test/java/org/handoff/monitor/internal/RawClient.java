package org.handoff.monitor.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;

/** A client that sends what it is told, never retries, and reads one response at a time. */
final class RawClient implements AutoCloseable {

    static final int DEADLINE_MILLIS = 20_000;

    final Socket socket;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(DEADLINE_MILLIS);
        socket.setTcpNoDelay(true);
    }

    RawClient send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        return this;
    }

    /** The next response, head and body as one text. */
    String response() throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            text.append(character(in, text));
        }
        int at = text.indexOf("Content-Length: ") + "Content-Length: ".length();
        int length = Integer.parseInt(text.substring(at, text.indexOf("\r\n", at)));
        for (int i = 0; i < length; i++) {
            text.append(character(in, text));
        }
        return text.toString();
    }

    /** Whether the server has ended the connection, with nothing more to say. */
    boolean atEnd() throws IOException {
        return socket.getInputStream().read() < 0;
    }

    private static char character(InputStream in, StringBuilder before) throws IOException {
        int c = in.read();
        if (c < 0) {
            throw new IOException("the connection ended after \"" + before + '"');
        }
        return (char) c;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
