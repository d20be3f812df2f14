package org.handoff.worker.pool.internal.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a worker's connections and of its pool when it dies, or has to be killed. */
class WorkerDeathTest extends PoolTest {

    @Test
    void killedWithConnectionsInEachState() throws Exception {
        roll(1, "");
        List<PoolClient> clients = new ArrayList<>();
        for (String state : List.of("untaken", "idle", "reading", "handling", "answering")) {
            clients.add(client().get(state));
        }
        PoolClient untaken = clients.get(0);
        PoolClient idle = clients.get(1);
        String first = idle.body();
        // By then the worker has come to the last one.
        clients.get(4).awaitText("half");
        kill(pids().get(0));

        assertTrue(clients.get(2).response().startsWith("HTTP/1.1 502 "), "reading");
        assertTrue(clients.get(2).atEnd());
        assertTrue(clients.get(3).response().startsWith("HTTP/1.1 502 "), "handling");
        assertTrue(clients.get(3).atEnd());
        assertThrows(SocketException.class, clients.get(4)::atEnd, "answering: cut, so that it does not look whole");
        assertNotEquals(first, idle.get("keep").body(), "idle: served by the next worker");
        await("the untaken one to be handed to the next worker", () -> connections() == 2);
        assertEquals(0, untaken.in().available());
        for (PoolClient client : clients) {
            client.close();
        }
        await("no slot in use", () -> connections() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "unsent", "half-sent", "sent"})
    void whatACarefulWorkerToldIsNotLostWithIt(String what) throws Exception {
        roll(1, "");
        try (PoolClient client = client();
                PoolClient other = client()) {
            client.get(what);
            // The worker has come to it once it has answered what came behind.
            other.get("keep").body();
            kill(pids().get(0));
            if (what.equals("read")) {
                assertTrue(client.body().startsWith("p-2 "));
            } else {
                assertEquals("well", client.body());
            }
            assertTrue(client.get("keep").body().startsWith("p-2 "), "on the same connection");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"large", "large-back"})
    void aLargeRequestThatAWorkerHasReadGoesToAnotherWholeWithItsFile(String what) throws Exception {
        roll(1, "");
        OpenDescriptors before = OpenDescriptors.now();
        try (PoolClient client = client()) {
            client.post(what);
            if (what.equals("large")) {
                awaitState("reading");
                kill(pids().get(0));
            }
            CRC32 sum = new CRC32();
            sum.update(client.sent.getBytes(ISO_8859_1));
            assertEquals((what.equals("large") ? "p-2 " : "p-1 ") + sum.getValue(), client.body());
            assertTrue(client.get("keep").body().startsWith("p-"), "on the same connection");
        }
        await("no slot in use", () -> connections() == 0);
        before.awaitNoMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-ring", "rest-file", "rest-closed"})
    void aLargeResponseIsCompletedFromTheFileThatTheWorkerSent(String what) throws Exception {
        roll(1, "");
        OpenDescriptors before = OpenDescriptors.now();
        List<PoolClient> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(client().get(what));
        }
        try (PoolClient other = client()) {
            other.get("keep").body();
            kill(pids().get(0));
            byte[] expected = LargeResponse.of(what.equals("rest-closed"));
            // One after the other: nobody waits for those who do not read.
            for (PoolClient client : clients) {
                assertTrue(other.get("back").body().startsWith("p-2 "));
                assertArrayEquals(expected, client.in().readNBytes(expected.length));
                if (what.equals("rest-closed")) {
                    assertTrue(client.atEnd());
                } else {
                    assertTrue(client.get("keep").body().startsWith("p-2 "), "on the same connection");
                }
            }
        }
        for (PoolClient client : clients) {
            client.close();
        }
        await("no slot in use", () -> connections() == 0);
        before.awaitNoMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"large-short", "large-short-back", "large-device", "large-handling"})
    void aLargeRequestThatIsNotInTheFileOrWasBegunIs502(String what) throws Exception {
        roll(1, "");
        OpenDescriptors before = OpenDescriptors.now();
        long first = pids().get(0);
        try (PoolClient client = client()) {
            client.post(what);
            if (!what.endsWith("-back")) {
                awaitState(what.equals("large-handling") ? "handling" : "reading");
                before.awaitSince("its file, the client's socket and the monitor's", 3);
                kill(first);
            }
            assertTrue(client.response().startsWith("HTTP/1.1 502 "));
            assertTrue(client.atEnd());
        }
        if (what.endsWith("-back")) {
            assertEquals(List.of(first), pids(), "only its own request suffers");
        }
        await("a worker", () -> ready() == 1);
        before.awaitNoMore();
    }

    @Test
    void aFileForAConnectionThatIsNotThereIsClosed() throws Exception {
        roll(1, "");
        OpenDescriptors before = OpenDescriptors.now();
        try (PoolClient client = client()) {
            assertTrue(client.get("overflow-of-nobody").body().startsWith("p-1 "));
            assertTrue(client.get("keep").body().startsWith("p-1 "), "it goes on");
        }
        before.awaitNoMore();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-cut-file", "rest-elsewhere"})
    void aResponseWhoseRestIsNotThereIsCut(String what) throws Exception {
        roll(1, "");
        try (PoolClient client = client().get(what);
                PoolClient other = client()) {
            other.get("keep").body();
            kill(pids().get(0));
            long[] got = {0};
            assertThrows(SocketException.class, () -> {
                for (int count = 0; count >= 0; got[0] += count) {
                    count = client.in().read(new byte[10_000]);
                }
            });
            assertTrue(got[0] < LargeResponse.of(false).length);
            assertTrue(other.get("keep").body().startsWith("p-2 "));
        }
    }

    @Test
    void theRestOfAResponseBeforeIsNotTakenForTheNext() throws Exception {
        roll(1, "");
        try (PoolClient client = client().get("rest-of-before");
                PoolClient other = client()) {
            other.get("keep").body();
            kill(pids().get(0));
            assertTrue(client.response().startsWith("HTTP/1.1 502 "));
        }
    }

    @Test
    void aClientThatTakesNothingOfARestIsCutInTime() throws Exception {
        limits.put("http.write.timeout", "1");
        roll(1, "");
        OpenDescriptors before = OpenDescriptors.now();
        try (PoolClient client = client().get("rest-ring");
                PoolClient other = client()) {
            other.get("keep").body();
            kill(pids().get(0));
            await("the end of one", () -> monitor.component.status().open() == 1);
            assertThrows(SocketException.class, () -> client.in().readAllBytes());
            assertTrue(other.get("keep").body().startsWith("p-2 "));
        }
        before.awaitNoMore();
    }

    @Test
    void aWorkerThatBreaksTheProtocolIsKilled() throws Exception {
        mustBeKilledFor(
                "violation",
                "wrong-slot",
                "descriptor",
                "overflow-bare",
                "overflow-wrong-slot",
                "overflow-before-the-beginning",
                "rest-wrong-slot",
                "rest-impossible",
                "rest-without-file");
    }

    @Test
    void aWorkerWhoseFramesAreCutShortIsKilled() throws Exception {
        mustBeKilledFor("short", "long");
    }

    private void mustBeKilledFor(String... violations) throws Exception {
        // Each of them is a death: in a crash loop the next one would be tried ever later.
        configure(Map.of("workers", 1, "crash_limit", "1000/60"));
        roll(1, "");
        OpenDescriptors before = OpenDescriptors.now();
        for (String violation : violations) {
            await("a worker", () -> ready() == 1);
            long bad = pids().get(0);
            try (PoolClient client = client().get(violation)) {
                assertTrue(client.response().startsWith("HTTP/1.1 502 "), violation);
                assertTrue(client.atEnd());
            }
            awaitReplaced(bad);
            assertFalse(isAlive(bad));
            before.awaitNoMore();
        }
    }
}
