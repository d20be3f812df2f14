package org.handoff.lrwp.cgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A connection to the agent, with its thread: registers, and serves one request after the other. One that is lost is
 * made anew, once; where that is not possible the process ends, and its pool starts another.
 */
final class AgentConnection {

    private static final int SEPARATOR = 0xFF;

    private final String host;
    private final int port;
    private final String name;
    private final CgiRequests requests;

    AgentConnection(String host, int port, String name, CgiRequests requests) {
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
            try (Wire wire = Wire.to(host, port)) {
                register(wire);
                registered = true;
                serve(wire);
            } catch (IOException e) {
                Log.warn((registered
                                ? "The agent's connection has ended: "
                                : "Cannot register " + name + " at " + host + ":" + port + ": ")
                        + e.getMessage());
                if (!registered) {
                    System.exit(1);
                }
            }
        }
    }

    private void register(Wire wire) throws IOException {
        char mark = (char) SEPARATOR;
        // LRWP 2.1: an answer may come in pieces, and a cancelled request ends its program.
        wire.write(ByteBuffer.wrap((mark + "2.1" + mark + name + mark + mark).getBytes(ISO_8859_1)));
        String reply = word(wire);
        if (reply.equals("CHALLENGE")) {
            throw new IOException("the agent asks for a password, which the CGI wrapper does not have; permit "
                    + "application." + name + " = * in etc/org.handoff.lrwp.cfg");
        }
        if (!reply.equals("OK")) {
            throw new IOException("refused: " + word(wire));
        }
    }

    private static String word(Wire wire) throws IOException {
        StringBuilder word = new StringBuilder();
        for (int b = wire.read(); b != SEPARATOR; b = wire.read()) {
            if (word.length() > 256) {
                throw new IOException("it is no LRWP agent, or wants TLS, which the CGI wrapper does not speak");
            }
            word.append((char) b);
        }
        return word.toString();
    }

    private void serve(Wire wire) throws IOException {
        Answer answer = new Answer(wire);
        while (true) {
            Map<String, String> variables = variables(wire.bytes(wire.size()));
            requests.answer(variables, wire, answer);
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
}
