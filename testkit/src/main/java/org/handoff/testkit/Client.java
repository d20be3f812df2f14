package org.handoff.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/** A client that sends exactly what it is told, reads responses strictly, and does nothing a second time. */
public class Client implements AutoCloseable {

    /** A response. */
    public record Answer(int status, String head, byte[] body) {

        /** The body. */
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** The value of a header, or null. */
        public String field(String name) {
            for (String line : head.split("\r\n")) {
                if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ": ")) {
                    return line.substring(name.length() + 2);
                }
            }
            return null;
        }
    }

    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] \\d{3}( [^\r\n]*)?\r\n");
    private static final int BUFFER = 1 << 16;

    public final Socket socket;
    private final InputStream in;
    private long received;

    /** @param socket is connected */
    public Client(Socket socket) throws IOException {
        this(socket, socket.getInputStream());
    }

    /** @param source what comes from the socket, perhaps more slowly */
    protected Client(Socket socket, InputStream source) throws IOException {
        this.socket = socket;
        socket.setSoTimeout((int) Await.DEADLINE.toMillis());
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(
                new FilterInputStream(source) {
                    @Override
                    public int read(byte[] bytes, int offset, int length) throws IOException {
                        int count = super.read(bytes, offset, length);
                        received += Math.max(count, 0);
                        return count;
                    }
                },
                BUFFER);
    }

    /** A client of a port of this machine. */
    public Client(int port) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** What has come and was not read yet, and what comes: to read what is no response. */
    public InputStream in() {
        return in;
    }

    /** Reads what is no response, a character for each byte, up to this end of it. */
    public String until(String end) throws IOException {
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith(end)) {
            int next = in.read();
            if (next < 0) {
                throw new AssertionError("the connection ended behind " + text);
            }
            text.append((char) next);
        }
        return text.toString();
    }

    /** The bytes that came so far. */
    public long received() {
        return received;
    }

    /** Sends these characters, a byte for each. */
    public Client send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends these bytes. */
    public Client send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Sends a request without a body. */
    public Client get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    }

    /** Receives one response, as one text. */
    public String response() throws IOException {
        Answer answer = answer();
        return answer.head + new String(answer.body, StandardCharsets.ISO_8859_1);
    }

    /** Receives one response. */
    public Answer answer() throws IOException {
        return answer(false);
    }

    /**
     * Receives one response.
     *
     * @param headOnly whether it is one to HEAD, which has no body whatever its head says
     */
    public Answer answer(boolean headOnly) throws IOException {
        String head = head();
        if (!STATUS_LINE.matcher(head).lookingAt()) {
            throw new IOException("There is no status line in \"" + head + '"');
        }
        int status = Integer.parseInt(head.substring(9, 12));
        Answer bare = new Answer(status, head, new byte[0]);
        if (headOnly || status < 200 || status == 204 || status == 304) {
            return bare;
        }
        if ("chunked".equals(bare.field("Transfer-Encoding"))) {
            return new Answer(status, head, chunks());
        }
        String length = bare.field("Content-Length");
        return new Answer(status, head, length == null ? in.readAllBytes() : bytes(Integer.parseInt(length)));
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("The connection ended in a head: \"" + head + '"');
            }
            head.append((char) b);
        }
        return head.toString();
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (; ; ) {
            int size = Integer.parseInt(line(), 16);
            out.write(bytes(size));
            String end = line();
            if (!end.isEmpty()) {
                throw new IOException("A chunk is followed by \"" + end + '"');
            }
            if (size == 0) {
                return out.toByteArray();
            }
        }
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        int b;
        while ((b = in.read()) != '\n') {
            if (b < 0) {
                throw new IOException("The connection ended in a chunk's size");
            }
            line.append((char) b);
        }
        return line.substring(0, line.length() - 1);
    }

    private byte[] bytes(int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new IOException("The connection ended " + (count - bytes.length) + " bytes early");
        }
        return bytes;
    }

    /** Whether the server ended the connection, in order and with nothing more to say. */
    public boolean atEnd() throws IOException {
        return in.read() < 0;
    }

    /** Ends the connection with a reset, as a client does that crashed. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
