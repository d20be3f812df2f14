package org.handoff.lrwp.agent.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.util.LinkedHashMap;
import java.util.Map;

import org.handoff.testkit.Await;

/** A peer that does exactly what it is told, wrong things too. */
final class TestPeer implements AutoCloseable {

    final Socket socket;
    private final InputStream in;

    /** A request as a peer gets it. */
    record Received(byte[] environment, byte[] body) {

        Map<String, String> variables() {
            Map<String, String> variables = new LinkedHashMap<>();
            for (String pair : new String(environment, ISO_8859_1).split("\0")) {
                int mark = pair.indexOf('=');
                if (mark > 0) {
                    variables.put(pair.substring(0, mark), pair.substring(mark + 1));
                }
            }
            return variables;
        }

        String text() {
            return new String(body, ISO_8859_1);
        }
    }

    TestPeer(int port) throws IOException {
        this(new Socket("127.0.0.1", port));
    }

    TestPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) Await.DEADLINE.toMillis());
        in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    }

    void send(String text) throws IOException {
        send(text.getBytes(ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    String receive(int count) throws IOException {
        return new String(bytes(count), ISO_8859_1);
    }

    void expect(String text) throws IOException {
        assertEquals(text, new String(in.readNBytes(text.length()), ISO_8859_1));
    }

    Received request() throws IOException {
        byte[] environment = bytes(Integer.parseInt(receive(9)));
        return new Received(environment, bytes(Integer.parseInt(receive(9))));
    }

    void answer(String cgi) throws IOException {
        send(String.format("%09d", cgi.length()) + cgi);
    }

    /** Receives a request and answers it. */
    Received serve(String cgi) throws IOException {
        Received received = request();
        answer(cgi);
        return received;
    }

    /** Whether the agent has ended the connection. */
    boolean atEnd() throws IOException {
        try {
            return in.read() < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    /** Ends as a process does that is killed while it has read everything. */
    @Override
    public void close() throws IOException {
        socket.close();
    }

    private byte[] bytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("The agent has closed the connection");
        }
        return bytes;
    }
}
