package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.testkit.Client;
import org.handoff.worker.pool.internal.LrwpTestPool;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The output of CGI programs while they run; nothing here ends by a limit of time. */
@Timeout(300)
class CgiStreamTest {

    private static final String HEAD = "echo Content-Type: text/plain; echo;";

    @TempDir
    static Path folder;

    private static Server server;
    private static LrwpTestPool pool;
    private static ProcessHandle wrapper;

    @BeforeAll
    static void start() throws IOException {
        server = new Server("http.spool", "65536");
        pool = new LrwpTestPool(
                server.monitor.component.loop(),
                server.agent,
                "kind",
                "cgi",
                "directory",
                Files.createDirectory(folder.resolve("cgi-bin")).toString(),
                "context",
                "/cgi-bin",
                "workers",
                "1",
                "connections",
                "1",
                "request.timeout",
                "0");
        await("wrapper", () -> pool.workers().stream().anyMatch(one -> one.connections() == 1));
        wrapper = ProcessHandle.of(pool.workers().get(0).pid()).orElseThrow();
    }

    @AfterAll
    static void stop() {
        pool.close();
        server.close();
    }

    private static void program(String name, String... lines) throws IOException {
        Path program = Files.writeString(
                folder.resolve("cgi-bin").resolve(name), "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        assertTrue(program.toFile().setExecutable(true));
    }

    private static String untilExists(Path file) {
        return "until test -e " + file + "; do sleep 0.02; done";
    }

    private static void readTo(Client client, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int b = client.in().read();
            if (b < 0) {
                throw new IOException("the connection ended after " + read);
            }
            read.append((char) b);
        }
    }

    private static void awaitNoProgram() {
        await("end of the program", () -> wrapper.descendants().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void outputIsThereWhenItIsWritten() throws Exception {
        Path seen = folder.resolve("seen");
        program("stream.sh", HEAD, "echo first", untilExists(seen), "echo second");
        for (String version : new String[] {"1.1", "1.0"}) {
            Files.deleteIfExists(seen);
            try (Client client = server.client()) {
                client.send("GET /cgi-bin/stream.sh HTTP/" + version + "\r\nHost: h\r\n\r\n");
                // The program goes on only when the client has this.
                readTo(client, "first\n");
                Files.createFile(seen);
                readTo(client, "second\n");
            }
        }
        awaitNoProgram();
    }

    @Test
    void failureAfterTheFirstOutputIsNoCompleteAnswer() throws Exception {
        Path seen = folder.resolve("half");
        program("half.sh", HEAD, "echo half", untilExists(seen), "kill -9 $$");
        // To a client of HTTP/1.0 an end in order would be the end of the response.
        for (String version : new String[] {"1.1", "1.0"}) {
            Files.deleteIfExists(seen);
            try (Client client = server.client()) {
                client.send("GET /cgi-bin/half.sh HTTP/" + version + "\r\nHost: h\r\n\r\n");
                readTo(client, "half\n");
                Files.createFile(seen);
                assertThrows(SocketException.class, () -> readTo(client, "0\r\n\r\n"), version);
            }
        }
        expectNext();
    }

    /** The wrapper's only connection is good for the next request. */
    private static void expectNext() throws IOException {
        program("next.sh", HEAD, "echo next");
        try (Client client = server.client()) {
            assertEquals("next\n", client.get("/cgi-bin/next.sh").answer().text());
        }
        assertEquals(1, server.agent.peers().size());
    }

    @Test
    void programEndsWithItsClient() throws Exception {
        Path running = folder.resolve("running");
        program("endless.sh", "touch " + running, "exec sleep 1000");
        try (Client client = server.client()) {
            client.get("/cgi-bin/endless.sh");
            await("program", () -> Files.exists(running));
        }
        awaitNoProgram();
        expectNext();
    }

    @Test
    void programThatWritesWithoutEndWaitsForItsClientAndEndsWithIt() throws Exception {
        program("yes.sh", HEAD, "exec yes");
        try (Client client = server.client()) {
            client.get("/cgi-bin/yes.sh");
            readTo(client, "y\ny\ny\n");
        }
        awaitNoProgram();
        expectNext();
    }

    /** Otherwise it is noticed when the client has given up. */
    @Test
    void endIsNoticedWhereTheOutputsDoNotTell() throws Exception {
        Path released = folder.resolve("released");
        program("held.sh", "(" + untilExists(released) + ") &");
        program("closed.sh", "exec >&- 2>&-", "sleep 0.2");
        try (Client first = server.client();
                Client second = server.client()) {
            assertEquals(502, first.get("/cgi-bin/held.sh").answer().status());
            assertEquals(502, second.get("/cgi-bin/closed.sh").answer().status());
        } finally {
            Files.createFile(released);
        }
    }

    @Test
    void largeOutputArrivesWhole() throws Exception {
        program("large.sh", HEAD, "head -c 20000000 /dev/zero | tr '\\0' x");
        try (Client client = server.client()) {
            byte[] body = client.get("/cgi-bin/large.sh").answer().body();
            assertEquals("x".repeat(20_000_000), new String(body, StandardCharsets.US_ASCII));
        }
    }
}
