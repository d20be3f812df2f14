package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.handoff.testkit.Await;
import org.handoff.testkit.Client;
import org.handoff.testkit.Log;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients at the limit of open files, which is lowered for this process: 503, and a line in the log. */
@Timeout(300)
class OpenFilesTest {

    private static final int CLIENTS = 20;
    private static final String OK = "Content-type: text/plain\n\n";

    @Test
    void bodiesThatCannotBeKeptAreAnswered503() throws Exception {
        long before = Log.count("bodies could not be kept");
        List<Client> clients = new ArrayList<>();
        // Each loop for clients tells it once a minute.
        try (Server server = new Server(1, "http.body.memory", "1000");
                TestPeer peer = server.peer("app")) {
            // A connection that the agent has needs no descriptor for what comes.
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(server.client().get("/app"));
                peer.serve(OK);
                assertEquals(200, clients.get(i).answer().status());
            }
            try (Limit none = new Limit()) {
                for (Client client : clients) {
                    client.send("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 3000\r\n\r\n" + "x".repeat(2000));
                }
                for (Client client : clients) {
                    Client.Answer answer = client.answer();
                    assertEquals(503, answer.status());
                    assertEquals("1", answer.field("Retry-After"));
                    assertTrue(client.atEnd());
                }
            }
            try (Client after = server.client().get("/app")) {
                peer.serve(OK);
                assertEquals(200, after.answer().status());
            }
            await("a line in the log", () -> Log.count("bodies could not be kept") > before);
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
        assertEquals(1, Log.count("bodies could not be kept") - before);
    }

    @Test
    void connectionsThatCannotBeTakenAreAnswered503() throws Exception {
        long before = Log.count("connections for LRWP peers were answered 503");
        List<Client> clients = new ArrayList<>();
        try (Server server = new Server();
                // With two targets a connection stays with the monitor until its request has come.
                AutoCloseable other = server.other(connection -> connection.answer(501), "/other", "");
                TestPeer peer = server.peer("app")) {
            try (Client first = server.client().get("/app")) {
                // Native libraries are files too.
                peer.serve(OK);
                assertEquals(200, first.answer().status());
            }
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(server.client().get("/other"));
                assertEquals(501, clients.get(i).answer().status());
            }
            try (Limit none = new Limit()) {
                for (Client client : clients) {
                    client.get("/app");
                }
                for (Client client : clients) {
                    Client.Answer answer = client.answer();
                    assertEquals(503, answer.status());
                    assertEquals("1", answer.field("Retry-After"));
                }
            }
            try (Client after = server.client().get("/app")) {
                peer.serve(OK);
                assertEquals(200, after.answer().status());
            }
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
        assertEquals(1, Log.count("connections for LRWP peers were answered 503") - before);
    }

    /** Lets this process open no file, until closed. Its shell is started before, as nothing can be then. */
    private static final class Limit implements AutoCloseable {

        private final Process shell;
        private final BufferedReader said;

        Limit() throws IOException {
            long pid = ProcessHandle.current().pid();
            shell = new ProcessBuilder(
                            "sh",
                            "-ec",
                            "before=$(prlimit --pid=$0 --nofile --output=SOFT --noheadings --raw);"
                                    + "read line; prlimit --pid=$0 --nofile=1:; echo; read line;"
                                    + "prlimit --pid=$0 --nofile=$before:; echo",
                            Long.toString(pid))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            said = shell.inputReader();
            next();
        }

        private void next() throws IOException {
            shell.outputWriter().append("\n").flush();
            assertEquals("", said.readLine());
        }

        @Override
        public void close() throws IOException {
            next();
            try {
                assertTrue(shell.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
