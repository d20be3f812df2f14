package org.handoff.worker.pool.internal.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a worker's connections and of its pool when it dies, or has to be killed. */
class WorkerDeathTest extends PoolTest {

    @Test
    void killedWithConnectionsInEachState() throws Exception {
        roll(1, "");
        List<Client> clients = new ArrayList<>();
        for (String state : List.of("untaken", "idle", "reading", "handling", "answering")) {
            clients.add(new Client().get(state));
        }
        Client untaken = clients.get(0);
        Client idle = clients.get(1);
        String first = idle.body();
        assertEquals("half", clients.get(4).text("half"), "the worker has come to the last one");
        kill(pids().get(0));

        assertTrue(clients.get(2).response().startsWith("HTTP/1.1 502 "), "reading");
        assertTrue(clients.get(2).atEnd());
        assertTrue(clients.get(3).response().startsWith("HTTP/1.1 502 "), "handling");
        assertTrue(clients.get(3).atEnd());
        assertThrows(SocketException.class, clients.get(4)::atEnd, "answering: cut, so that it does not look whole");
        assertNotEquals(first, idle.get("keep").body(), "idle: served by the next worker");
        await("the untaken one to be handed to the next worker", () -> connections() == 2);
        assertEquals(0, untaken.socket.getInputStream().available());
        for (Client client : clients) {
            client.close();
        }
        await("no slot in use", () -> connections() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "unsent", "half-sent", "sent"})
    void whatACarefulWorkerToldIsNotLostWithIt(String what) throws Exception {
        roll(1, "");
        try (Client client = new Client();
                Client other = new Client()) {
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
        List<String> before = openDescriptors();
        try (Client client = new Client()) {
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
        await("no descriptor left", () -> openDescriptors().size() <= before.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-ring", "rest-file", "rest-closed"})
    void aLargeResponseIsCompletedFromTheFileThatTheWorkerSent(String what) throws Exception {
        roll(1, "");
        List<String> before = openDescriptors();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(new Client().get(what));
        }
        try (Client other = new Client()) {
            other.get("keep").body();
            kill(pids().get(0));
            byte[] expected = LargeResponse.of(what.equals("rest-closed"));
            // One after the other: nobody waits for those who do not read.
            for (Client client : clients) {
                assertTrue(other.get("back").body().startsWith("p-2 "));
                assertArrayEquals(expected, client.socket.getInputStream().readNBytes(expected.length));
                if (what.equals("rest-closed")) {
                    assertTrue(client.atEnd());
                } else {
                    assertTrue(client.get("keep").body().startsWith("p-2 "), "on the same connection");
                }
            }
        }
        for (Client client : clients) {
            client.close();
        }
        await("no slot in use", () -> connections() == 0);
        await("no descriptor left", () -> openDescriptors().size() <= before.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"large-short", "large-short-back", "large-device", "large-handling"})
    void aLargeRequestThatIsNotInTheFileOrWasBegunIs502(String what) throws Exception {
        roll(1, "");
        List<String> before = openDescriptors();
        long first = pids().get(0);
        try (Client client = new Client()) {
            client.post(what);
            if (!what.endsWith("-back")) {
                awaitState(what.equals("large-handling") ? "handling" : "reading");
                await(
                        "its file, beside the client's socket and the monitor's",
                        () -> openedSince(before).size() == 3);
                kill(first);
            }
            assertTrue(client.response().startsWith("HTTP/1.1 502 "));
            assertTrue(client.atEnd());
        }
        if (what.endsWith("-back")) {
            assertEquals(List.of(first), pids(), "only its own request suffers");
        }
        await("a worker", () -> ready() == 1);
        await("no descriptor left", () -> openDescriptors().size() <= before.size());
    }

    @Test
    void aFileForAConnectionThatIsNotThereIsClosed() throws Exception {
        roll(1, "");
        List<String> before = openDescriptors();
        try (Client client = new Client()) {
            assertTrue(client.get("overflow-of-nobody").body().startsWith("p-1 "));
            assertTrue(client.get("keep").body().startsWith("p-1 "), "it goes on");
        }
        await("no descriptor left", () -> openDescriptors().size() <= before.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-cut-file", "rest-elsewhere"})
    void aResponseWhoseRestIsNotThereIsCut(String what) throws Exception {
        roll(1, "");
        try (Client client = new Client().get(what);
                Client other = new Client()) {
            other.get("keep").body();
            kill(pids().get(0));
            long[] got = {0};
            assertThrows(SocketException.class, () -> {
                for (int count = 0; count >= 0; got[0] += count) {
                    count = client.socket.getInputStream().read(new byte[10_000]);
                }
            });
            assertTrue(got[0] < LargeResponse.of(false).length);
            assertTrue(other.get("keep").body().startsWith("p-2 "));
        }
    }

    @Test
    void theRestOfAResponseBeforeIsNotTakenForTheNext() throws Exception {
        roll(1, "");
        try (Client client = new Client().get("rest-of-before");
                Client other = new Client()) {
            other.get("keep").body();
            kill(pids().get(0));
            assertTrue(client.response().startsWith("HTTP/1.1 502 "));
        }
    }

    @Test
    void aClientThatTakesNothingOfARestIsCutInTime() throws Exception {
        limits.put("http.write.timeout", "1");
        roll(1, "");
        List<String> before = openDescriptors();
        try (Client client = new Client().get("rest-ring");
                Client other = new Client()) {
            other.get("keep").body();
            kill(pids().get(0));
            await("the end of one", () -> monitor.component.status().open() == 1);
            assertThrows(
                    SocketException.class, () -> client.socket.getInputStream().readAllBytes());
            assertTrue(other.get("keep").body().startsWith("p-2 "));
        }
        await("no descriptor left", () -> openDescriptors().size() <= before.size());
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
        for (String violation : violations) {
            await("a worker", () -> ready() == 1);
            List<String> before = openDescriptors();
            long bad = pids().get(0);
            try (Client client = new Client().get(violation)) {
                assertTrue(client.response().startsWith("HTTP/1.1 502 "), violation);
                assertTrue(client.atEnd());
            }
            awaitReplaced(bad);
            assertFalse(isAlive(bad));
            await("no descriptor left of it", () -> openDescriptors().size() <= before.size());
        }
    }
}
