package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.testkit.Client;
import org.handoff.worker.pool.internal.LrwpTestPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bodies that are longer than they may be: 413, and nothing for the peer. */
@Timeout(300)
class TooLargeBodiesTest {

    private static final int SENT = 50 << 20;
    private static final int CLIENTS = 10;

    @Test
    void bodyBeyondNineDigitsIsTooLarge() throws Exception {
        try (Server server = new Server();
                TestPeer peer = server.peer("app");
                Client client = server.client()) {
            client.send("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n");
            assertEquals(413, client.answer().status());
        }
    }

    /** As many clients do; it would be reset where the connection were closed with bytes unread. */
    @Test
    void clientThatReadsOnlyWhenItHasSentEverythingIsAnswered413() throws Exception {
        try (Server server = new Server("http.body", "1000");
                TestPeer peer = server.peer("app")) {
            sendTooMuch(server, "/app");
            assertEquals("free", server.agent.peers().get(0).state());
        }
    }

    @Test
    void clientOfAPeerInPythonThatReadsLateIsAnswered413() throws Exception {
        try (Server server = new Server("http.body", "1000");
                PeerProgram peer = PeerProgram.start(server, "py", "app")) {
            sendTooMuch(server, "/app");
            try (Client client = server.client()) {
                assertEquals(200, client.get("/app").answer().status());
            }
        }
    }

    @Test
    void clientOfACgiProgramThatReadsLateIsAnswered413(@TempDir Path programs) throws Exception {
        Path program = Files.writeString(
                programs.resolve("echo"), "#!/bin/sh\necho Content-Type: text/plain\necho\nexec cat\n");
        assertTrue(program.toFile().setExecutable(true));
        try (Server server = new Server("http.body", "1000");
                LrwpTestPool pool = new LrwpTestPool(
                        server.monitor.component.loop(),
                        server.agent,
                        "kind",
                        "cgi",
                        "directory",
                        programs.toString(),
                        "context",
                        "/cgi-bin",
                        "workers",
                        "1")) {
            await("the wrapper", () -> pool.workers().stream().anyMatch(one -> one.connections() > 0));
            sendTooMuch(server, "/cgi-bin/echo");
            try (Client client = server.client()) {
                client.send("POST /cgi-bin/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
                assertEquals("hello", client.answer().text());
            }
        }
    }

    /** With the length ahead, and in chunks, which tell it late. */
    private static void sendTooMuch(Server server, String path) throws IOException {
        String piece = "x".repeat(1 << 20);
        for (int i = 0; i < CLIENTS; i++) {
            boolean chunked = i % 2 == 1;
            try (Client client = server.client()) {
                client.send("POST " + path + " HTTP/1.1\r\nHost: h\r\n"
                        + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + SENT) + "\r\n\r\n");
                for (int sent = 0; sent < SENT; sent += piece.length()) {
                    client.send(chunked ? "100000\r\n" + piece + "\r\n" : piece);
                }
                assertEquals(413, client.answer().status(), "client " + i);
            }
        }
    }
}
