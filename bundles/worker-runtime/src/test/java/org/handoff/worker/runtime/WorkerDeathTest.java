package org.handoff.worker.runtime;

import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

import org.handoff.socket.TcpCounts;
import org.handoff.testkit.TestBundle;
import org.handoff.worker.protocol.MonitorScoreboard;
import org.handoff.worker.protocol.SlotState;
import org.handoff.worker.runtime.bundles.Large;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the monitor has of a worker that is killed. */
class WorkerDeathTest extends WorkerFixture {

    @Test
    void theScoreboardTellsWhatADeathWouldLose() throws Exception {
        addWaiting();
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient();
                MonitoredClient waiting = new MonitoredClient();
                ServerSocket gate = gate()) {
            pool.ready();
            // 30 bytes were read from this connection before, by somebody else.
            pool.handOff(client, 1, 1, 30 + HELLO.length(), HELLO);
            String first = client.statusAndBody();
            long written = TcpCounts.of(new io.netty.channel.unix.Socket(client.descriptor()))
                    .written();
            client.send(waiting(gate));
            try (Socket running = gate.accept()) {
                assertTrue(running.isConnected());
                long next = 30 + HELLO.length() + waiting(gate).length();
                assertEquals(
                        new MonitorScoreboard.Told(
                                SlotState.HANDLING, 30 + HELLO.length(), 30 + HELLO.length(), next, written, -1, -1),
                        pool.scoreboard().told(1),
                        first);
                // Read by the worker, and not begun: all of it is in the journal.
                pool.handOff(waiting, 2, 2, 5, HELLO.substring(0, 5));
                waiting.send(HELLO.substring(5));
                awaitEquals(
                        "the request in the journal",
                        HELLO,
                        () -> StandardCharsets.US_ASCII
                                .decode(pool.scoreboard().journal(2, 0, HELLO.length()))
                                .toString());
                MonitorScoreboard.Told told = pool.scoreboard().told(2);
                assertEquals(SlotState.READING, told.state());
                assertEquals(0, told.first());
                assertEquals(0, told.request());
            }
            assertEquals("200 waited", client.statusAndBody());
            long after = TcpCounts.of(new io.netty.channel.unix.Socket(client.descriptor()))
                    .written();
            MonitorScoreboard.Told answered = pool.scoreboard().told(1);
            assertEquals(after, answered.ends());
            assertEquals(after - written, answered.answerBytes());
            assertTrue(answered.keepsAfterAnswer());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"whole", "stream", "file"})
    void sendsWhatIsLeftOfALargeResponseBeforeItCallsAnotherHandler(String kind) throws Exception {
        add(new TestBundle("large").component(Large.class, "/large", ""), Large.class, "/large");
        try (TestPool pool = start(JDK);
                MonitoredClient slow = new MonitoredClient();
                MonitoredClient slower = new MonitoredClient();
                MonitoredClient next = new MonitoredClient()) {
            pool.ready();
            pool.handOff(slow, 1, 1, HELLO);
            slow.statusAndBody();
            long begins = written(slow);
            slow.send("GET /large?" + kind + " HTTP/1.1\r\nHost: h\r\n\r\n");
            pool.handOff(slower, 2, 2, "GET /large?" + kind + " HTTP/1.0\r\nHost: h\r\n\r\n");
            pool.handOff(next, 3, 3, HELLO);
            next.statusAndBody();
            assertTrue(pool.hasRest(), "before the next one");
            Map<Long, TestPool.Rest> rests = new HashMap<>();
            for (int i = 0; i < 2; i++) {
                TestPool.Rest rest = pool.nextRest();
                rests.put(rest.where().connection(), rest);
            }
            assertTrue(rests.get(1L).where().keeps());
            assertFalse(rests.get(2L).where().keeps());
            pool.kill();
            checkLarge(slow, begins, rests.get(1L), kind);
            checkLarge(slower, 0, rests.get(2L), kind);
        }
    }

    /** What the kernel has, and what is left: together that is the response. */
    private static void checkLarge(MonitoredClient client, long begins, TestPool.Rest rest, String kind)
            throws Exception {
        long written = written(client);
        byte[] left = rest.from(written);
        rest.file().close();
        assertTrue(left.length > 0, "nothing is left");
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(client.in().readNBytes((int) (written - begins)));
        whole.writeBytes(left);
        String text = whole.toString(StandardCharsets.ISO_8859_1);
        String body = text.substring(text.indexOf("\r\n\r\n") + 4);
        if (text.contains("chunked")) {
            StringBuilder joined = new StringBuilder();
            for (int at = 0, size = 1; size > 0; at += size + 2) {
                int end = body.indexOf("\r\n", at);
                size = Integer.parseInt(body.substring(at, end), 16);
                at = end + 2;
                joined.append(body, at, at + size);
            }
            body = joined.toString();
        }
        assertArrayEquals(Large.body(), body.getBytes(StandardCharsets.ISO_8859_1), kind);
    }

    private static long written(MonitoredClient client) throws IOException {
        return TcpCounts.of(new io.netty.channel.unix.Socket(client.descriptor()))
                .written();
    }
}
