package org.handoff.lrwp.cgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

import org.handoff.lrwp.protocol.Environment;
import org.handoff.lrwp.protocol.Registration;
import org.handoff.lrwp.protocol.Startup;

/**
 * A connection to the agent, with its thread: registers, and serves one request after the other. A lost connection is
 * replaced, once; if that is impossible, the process ends, and its pool starts another.
 */
final class AgentConnection {

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
        // LRWP 2.1: a response may come in pieces, and a cancelled request ends its program. The name comes from the
        // environment, a character for each byte.
        Startup startup = new Startup(true, true, new String(name.getBytes(ISO_8859_1), UTF_8), "");
        new Registration(wire::read, bytes -> wire.write(ByteBuffer.wrap(bytes))).register(startup, "");
    }

    private void serve(Wire wire) throws IOException {
        Answer answer = new Answer(wire);
        while (true) {
            Map<String, String> variables = Environment.parse(wire.bytes(wire.size()));
            requests.answer(variables, wire, answer);
        }
    }
}
