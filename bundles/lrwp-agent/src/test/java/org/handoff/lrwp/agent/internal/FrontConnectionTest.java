package org.handoff.lrwp.agent.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.socket.SharedFile;
import org.handoff.testkit.Client;
import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients' connections between the monitor, the agent and other targets. */
@Timeout(300)
class FrontConnectionTest {

    private static final String OK = "Content-type: text/plain\n\n";

    @Test
    void connectionGoesFromTargetToTarget() throws Exception {
        Target other = connection -> connection.answer(501);
        try (Server server = new Server();
                TestPeer peer = server.peer("app");
                AutoCloseable registered = server.other(other, "/other", "");
                Client client = server.client()) {
            for (int i = 0; i < 3; i++) {
                client.get("/app");
                peer.serve(OK + "app");
                assertEquals("app", client.answer().text());
                assertEquals(501, client.get("/other").answer().status());
                assertEquals(404, client.get("/none").answer().status());
            }
            // Pipelined: each is answered by whom it is for, in order.
            client.get("/app/1").get("/other").get("/app/2");
            peer.serve(OK + "1");
            assertEquals("1", client.answer().text());
            assertEquals(501, client.answer().status());
            peer.serve(OK + "2");
            assertEquals("2", client.answer().text());
        }
    }

    @Test
    void requestsThatBeginInAFileAreReadFromThereAndGoBackWithIt(@TempDir Path folder) throws Exception {
        String upload = "POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(100_000);
        String foreign = upload.replace("/app", "/other").replace('x', 'y');
        String wire = upload + foreign;
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Target other = connection -> {
            try {
                SpilledBytes spilled = connection.unused().spilled();
                if (spilled == null) {
                    // As a worker does that has read two large requests.
                    SharedFile file = SharedFile.create(folder);
                    file.write(bytes(wire.substring(0, wire.length() - 10)), 0);
                    connection.giveBack(new UnusedBytes(
                            new SpilledBytes(file, 0, wire.length() - 10),
                            bytes(wire.substring(wire.length() - 10, wire.length() - 1)),
                            wire.length() - 1));
                } else {
                    ByteBuffer first = spilled.first((int) spilled.length());
                    seen.add(ISO_8859_1.decode(first).toString()
                            + ISO_8859_1.decode(connection.unused().rest()));
                    connection.answer(501);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        try (Server server = new Server();
                TestPeer peer = server.peer("app");
                AutoCloseable registered = server.other(other, "/other", "")) {
            try (Client first = server.client().get("/app")) {
                peer.serve(OK);
                assertEquals(200, first.answer().status());
            }
            await(
                    "end of the first connection",
                    () -> server.monitor.component.status().open() == 0);
            OpenDescriptors before = OpenDescriptors.now();
            try (Client client = server.client()) {
                client.get("/other");
                assertEquals("x".repeat(100_000), peer.serve(OK + "app").text());
                assertEquals("app", client.answer().text());
                assertEquals(501, client.answer().status());
                String back = seen.remove();
                assertTrue(foreign.startsWith(back) && back.length() >= foreign.length() - 1, back.length() + " bytes");
            }
            before.awaitNoneSince();
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    @Test
    void idleConnectionIsParkedAndComesBack() throws Exception {
        try (Server server = new Server("http.idle.timeout", "1");
                TestPeer peer = server.peer("app");
                Client client = server.client()) {
            for (int i = 0; i < 2; i++) {
                client.get("/app");
                peer.serve(OK);
                assertEquals(200, client.answer().status());
                await(
                        "parked connection",
                        () -> server.monitor.component.status().parked() == 1);
            }
        }
    }
}
