package org.handoff.lrwp.cgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A connection to the agent, with its thread: registers, and serves one request after the other. One that is lost is
 * made anew, once; where that is not possible the process ends, and its pool starts another.
 */
final class AgentConnection {

    private static final int SEPARATOR = 0xFF;
    private static final int DIGITS = 9;

    /** What answers requests. */
    interface Requests {

        /**
         * Answers one.
         *
         * @param variables the CGI variables, their bytes as characters
         * @param body exactly its bytes, which are read completely
         * @param out to which a size and the response are written
         */
        void answer(Map<String, String> variables, InputStream body, OutputStream out) throws IOException;
    }

    private final String host;
    private final int port;
    private final String name;
    private final Requests requests;

    AgentConnection(String host, int port, String name, Requests requests) {
        this.host = host;
        this.port = port;
        this.name = name;
        this.requests = requests;
    }

    void start() {
        new Thread(this::run, "lrwp-cgi").start();
    }

    private void run() {
        while (true) {
            boolean registered = false;
            try (Socket socket = new Socket(host, port)) {
                socket.setTcpNoDelay(true);
                InputStream in = new BufferedInputStream(socket.getInputStream());
                register(in, socket.getOutputStream());
                registered = true;
                serve(in, socket.getOutputStream());
            } catch (IOException e) {
                System.err.println((registered ? "The agent's connection has ended: " : "Cannot register " + name
                        + " at " + host + ":" + port + ": ") + e.getMessage());
                if (!registered) {
                    System.exit(1);
                }
            }
        }
    }

    private void register(InputStream in, OutputStream out) throws IOException {
        char mark = (char) SEPARATOR;
        out.write((mark + "2.0" + mark + name + mark + mark).getBytes(ISO_8859_1));
        String reply = word(in);
        if (reply.equals("CHALLENGE")) {
            throw new IOException("the agent asks for a password, which the CGI wrapper does not have; permit "
                    + "application." + name + " = * in etc/org.handoff.lrwp.cfg");
        }
        if (!reply.equals("OK")) {
            throw new IOException("refused: " + word(in));
        }
    }

    private static String word(InputStream in) throws IOException {
        StringBuilder word = new StringBuilder();
        for (int b = in.read(); b != SEPARATOR; b = in.read()) {
            if (b < 0 || word.length() > 256) {
                throw new IOException("it is no LRWP agent, or wants TLS, which the CGI wrapper does not speak");
            }
            word.append((char) b);
        }
        return word.toString();
    }

    private void serve(InputStream in, OutputStream out) throws IOException {
        while (true) {
            Map<String, String> variables = variables(bytes(in, size(in)));
            requests.answer(variables, new SizedInput(in, size(in)), out);
            out.flush();
        }
    }

    private static Map<String, String> variables(byte[] block) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String pair : new String(block, ISO_8859_1).split("\0")) {
            int mark = pair.indexOf('=');
            if (mark > 0) {
                variables.put(pair.substring(0, mark), pair.substring(mark + 1));
            }
        }
        return variables;
    }

    private static int size(InputStream in) throws IOException {
        return Integer.parseInt(new String(bytes(in, DIGITS), ISO_8859_1));
    }

    private static byte[] bytes(InputStream in, int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the agent has closed it");
        }
        return bytes;
    }

    /** So many bytes of a stream. */
    private static final class SizedInput extends InputStream {

        private final InputStream in;
        private int left;

        SizedInput(InputStream in, int size) {
            this.in = in;
            this.left = size;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int most) throws IOException {
            if (left == 0) {
                return -1;
            }
            int read = in.read(bytes, offset, Math.min(left, most));
            if (read < 0) {
                throw new EOFException("the agent has closed it");
            }
            left -= read;
            return read;
        }
    }
}
