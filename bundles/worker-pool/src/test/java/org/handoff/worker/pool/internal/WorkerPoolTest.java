package org.handoff.worker.pool.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import java.util.zip.CRC32;

import org.handoff.monitor.internal.PoolTestMonitor;
import org.handoff.worker.protocol.Dispatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pool with the real monitor and real worker processes, which are {@link SmallWorker}s. */
@Timeout(120)
class WorkerPoolTest {

    private static final int DEADLINE_SECONDS = 30;

    @TempDir
    Path folder;

    private final PoolTestMonitor monitor = new PoolTestMonitor();
    private final ExecutorService blocking = Executors.newSingleThreadExecutor();
    private final List<String> startFailures = new CopyOnWriteArrayList<>();
    private final List<String> givenUp = new CopyOnWriteArrayList<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private final Map<String, String> limits = new HashMap<>();
    private WorkerPool pool;
    private volatile boolean accepts = true;
    private long generations;

    private final WorkerPool.Roller roller = new WorkerPool.Roller() {
        @Override
        public boolean accepts(Generation next, Map<Integer, String> failures) {
            return accepts;
        }

        @Override
        public void startFailed(Generation next, String reason) {
            startFailures.add(reason);
        }

        @Override
        public void crashes(Generation next, String reason) {
            givenUp.add(reason);
        }

        @Override
        public void problem(String problem) {
            problems.add(problem);
        }
    };

    @BeforeEach
    void create() throws Exception {
        WorkerLauncher launcher = new WorkerLauncher((settings, own, file) -> List.of(settings.java().toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Djava.io.tmpdir=" + own, "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                SmallWorker.class.getName(), file.toString()), folder.resolve("workers"));
        pool = onLoop(() -> new WorkerPool("p", monitor.component.loop(), launcher, blocking, policy(Map.of())));
        monitor.add(pool, 1, "/p");
        // A second target, so that the monitor reads the requests' heads.
        monitor.add(connection -> connection.answer(500), 2, "/other");
    }

    @AfterEach
    void close() throws Exception {
        List<Long> pids = pids();
        blocking.shutdown();
        assertTrue(blocking.awaitTermination(DEADLINE_SECONDS, TimeUnit.SECONDS));
        onLoop(() -> {
            pool.close();
            return null;
        });
        await("all workers to exit", () -> pids.stream().noneMatch(WorkerPoolTest::isAlive));
        monitor.close();
    }

    // ---- a worker dies

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
        try (Client client = new Client(); Client other = new Client()) {
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
        long before = openDescriptors();
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
        await("no descriptor left", () -> openDescriptors() <= before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-ring", "rest-file", "rest-closed"})
    void aLargeResponseIsCompletedFromTheFileThatTheWorkerSent(String what) throws Exception {
        roll(1, "");
        long before = openDescriptors();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(new Client().get(what));
        }
        try (Client other = new Client()) {
            other.get("keep").body();
            kill(pids().get(0));
            byte[] expected = SmallWorker.largeResponse(what.equals("rest-closed"));
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
        await("no descriptor left", () -> openDescriptors() <= before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"large-short", "large-short-back", "large-device", "large-handling"})
    void aLargeRequestThatIsNotInTheFileOrWasBegunIs502(String what) throws Exception {
        roll(1, "");
        long before = openDescriptors();
        long first = pids().get(0);
        try (Client client = new Client()) {
            client.post(what);
            if (!what.endsWith("-back")) {
                awaitState(what.equals("large-handling") ? "handling" : "reading");
                await("its file, beside the client's socket and the monitor's", () -> openDescriptors() == before + 3);
                kill(first);
            }
            assertTrue(client.response().startsWith("HTTP/1.1 502 "));
            assertTrue(client.atEnd());
        }
        if (what.endsWith("-back")) {
            assertEquals(List.of(first), pids(), "only its own request suffers");
        }
        await("a worker", () -> ready() == 1);
        await("no descriptor left", () -> openDescriptors() <= before);
    }

    @Test
    void aFileForAConnectionThatIsNotThereIsClosed() throws Exception {
        roll(1, "");
        long before = openDescriptors();
        try (Client client = new Client()) {
            assertTrue(client.get("overflow-of-nobody").body().startsWith("p-1 "));
            assertTrue(client.get("keep").body().startsWith("p-1 "), "it goes on");
        }
        await("no descriptor left", () -> openDescriptors() <= before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rest-cut-file", "rest-elsewhere"})
    void aResponseWhoseRestIsNotThereIsCut(String what) throws Exception {
        roll(1, "");
        try (Client client = new Client().get(what); Client other = new Client()) {
            other.get("keep").body();
            kill(pids().get(0));
            long[] got = {0};
            assertThrows(SocketException.class, () -> {
                for (int count = 0; count >= 0; got[0] += count) {
                    count = client.socket.getInputStream().read(new byte[10_000]);
                }
            });
            assertTrue(got[0] < SmallWorker.largeResponse(false).length);
            assertTrue(other.get("keep").body().startsWith("p-2 "));
        }
    }

    @Test
    void theRestOfAResponseBeforeIsNotTakenForTheNext() throws Exception {
        roll(1, "");
        try (Client client = new Client().get("rest-of-before"); Client other = new Client()) {
            other.get("keep").body();
            kill(pids().get(0));
            assertTrue(client.response().startsWith("HTTP/1.1 502 "));
        }
    }

    @Test
    void aClientThatTakesNothingOfARestIsCutInTime() throws Exception {
        limits.put("http.write.timeout", "1");
        roll(1, "");
        long before = openDescriptors();
        try (Client client = new Client().get("rest-ring"); Client other = new Client()) {
            other.get("keep").body();
            kill(pids().get(0));
            await("the end of one", () -> monitor.component.status().open() == 1);
            assertThrows(SocketException.class, () -> client.socket.getInputStream().readAllBytes());
            assertTrue(other.get("keep").body().startsWith("p-2 "));
        }
        await("no descriptor left", () -> openDescriptors() <= before);
    }

    @Test
    void aWorkerThatEndsBeforeItIsReadyIsReplaced() throws Exception {
        roll(1, "once " + folder.resolve("tried"));
        assertEquals(1, startFailures.size());
        assertTrue(startFailures.get(0).startsWith("exit status 8"), startFailures.get(0));
    }

    @Test
    void aGenerationWhoseWorkersDieBeforeTheyAreReadyIsGivenUpWithTheReason() throws Exception {
        roll(1, "");
        List<Long> old = pids();
        configure(Map.of("workers", 1, "crash_limit", "3/60"));
        rollOnly("exit");
        await("the end of it", () -> !givenUp.isEmpty());
        assertEquals("exit status 7, last output: cannot start: exit", givenUp.get(0));
        assertEquals(3, startFailures.size());
        assertEquals(old, pids());
        try (Client client = new Client().get("keep")) {
            assertEquals(old.get(0).toString(), client.body().split(" ")[1]);
        }
        roll(1, "new");
        assertEquals(1, givenUp.size());
    }

    @Test
    void aSuspectGenerationHasOneWorkerAndOneTry() throws Exception {
        configure(Map.of("workers", 4));
        onLoop(() -> {
            pool.roll(new Generation(++generations, settings("exit"), List.of()), true, roller);
            return null;
        });
        await("the end of it", () -> !givenUp.isEmpty());
        assertEquals(1, startFailures.size());
        onLoop(() -> {
            pool.roll(new Generation(++generations, settings(""), List.of()), true, roller);
            return null;
        });
        await("the others, as it is good", () -> ready() == 4);
    }

    @Test
    void aCrashLoopIs503AtOnceWithTheTimeOfTheNextProbeAndOneProbeAtATime() throws Exception {
        Path gone = folder.resolve("gone");
        configure(Map.of("workers", 2, "crash_limit", "2/60"));
        roll(2, "while-absent " + gone);
        assertTrue(gone.toFile().createNewFile());
        pids().forEach(WorkerPoolTest::kill);
        await("the crash loop", () -> !onLoop(pool::problem).isEmpty());
        assertTrue(problems.get(0).contains("killed") || problems.get(0).contains("exit status 137"),
                problems.toString());
        await("everybody to be dead", () -> pids().isEmpty());
        try (Client client = new Client()) {
            for (int i = 0; i < 10; i++) {
                String response = client.get("keep").response();
                assertTrue(response.startsWith("HTTP/1.1 503 "), response);
                int retry = Integer.parseInt(response.replaceFirst("(?s).*\r\nRetry-After: (\\d+)\r\n.*", "$1"));
                assertTrue(retry >= 1 && retry <= 60, response);
            }
            await("two probes", () -> onLoop(() -> pool.past().stream()
                    .filter(one -> one.end().startsWith("exit status 9")).count()) >= 2);
            assertTrue(pids().size() <= 1, "one at a time");
            assertTrue(gone.toFile().delete());
            await("the probe", () -> ready() == 1);
            assertTrue(client.get("keep").body().startsWith("p-"), "a probe serves");
            assertEquals(1, pids().size(), "nobody else until it holds");
            await("it to hold, and the others", () -> ready() == 2);
            assertEquals("", onLoop(pool::problem));
            assertEquals("", problems.get(problems.size() - 1));
        }
    }

    @Test
    void whoIsKilledByCommandDoesNotCount() throws Exception {
        configure(Map.of("workers", 1, "crash_limit", "1/60"));
        roll(1, "");
        for (int i = 0; i < 3; i++) {
            long pid = pids().get(0);
            onLoop(() -> {
                pool.workers().get(0).killByCommand();
                return null;
            });
            awaitReplaced(pid);
        }
        assertEquals(List.of(), problems);
        await("its end to be noted", () -> !onLoop(pool::past).isEmpty());
        assertTrue(onLoop(pool::past).get(0).end().contains("by command"));
    }

    @Test
    void aWorkerThatIsNotReadyInTimeIsKilled() throws Exception {
        configure(Map.of("workers", 1, "start_timeout", 1));
        rollOnly("never");
        await("the failure", () -> !startFailures.isEmpty());
        assertTrue(startFailures.get(0).startsWith("killed, it was not ready within start.timeout = 1 s"),
                startFailures.get(0));
    }

    @Test
    void aWorkerThatBreaksTheProtocolIsKilled() throws Exception {
        mustBeKilledFor("violation", "wrong-slot", "descriptor", "overflow-bare", "overflow-wrong-slot",
                "overflow-before-the-beginning", "rest-wrong-slot", "rest-impossible", "rest-without-file");
    }

    @Test
    void aWorkerWhoseFramesAreCutShortIsKilled() throws Exception {
        mustBeKilledFor("short", "long");
    }

    private void mustBeKilledFor(String... violations) throws Exception {
        roll(1, "");
        for (String violation : violations) {
            await("a worker", () -> ready() == 1);
            long before = openDescriptors();
            long bad = pids().get(0);
            try (Client client = new Client().get(violation)) {
                assertTrue(client.response().startsWith("HTTP/1.1 502 "), violation);
                assertTrue(client.atEnd());
            }
            awaitReplaced(bad);
            assertFalse(isAlive(bad));
            await("no descriptor left of it", () -> openDescriptors() <= before);
        }
    }

    // ---- connections

    @Test
    void aConnectionGivenBackIsServedAgain() throws Exception {
        roll(2, "");
        try (Client client = new Client()) {
            for (int i = 0; i < 20; i++) {
                client.get("back").body();
            }
            await("the last one back", () -> connections() == 0);
            assertEquals(20, onLoop(() -> pool.workers().stream().mapToLong(Worker::requests).sum()));
        }
    }

    @Test
    void whatOneWorkerCannotTakeAnotherOneDoesAndItsSlotIsFreed() throws Exception {
        roll(2, "");
        for (int i = 0; i < 4; i++) {
            try (Client client = new Client().get("not-taken-by-the-first")) {
                assertTrue(client.body().startsWith("p-2 "));
            }
            await("no slot in use", () -> connections() == 0);
        }
    }

    @Test
    void whatTwoWorkersCannotTakeIs503() throws Exception {
        roll(3, "");
        try (Client client = new Client().get("not-taken")) {
            assertTrue(client.response().startsWith("HTTP/1.1 503 "));
        }
        await("no slot in use", () -> connections() == 0);
        assertEquals(2, monitor.component.status().handedOff());
    }

    @Test
    void whatWaitsForAFullControlSocketIsServedOnceThereIsRoom() throws Exception {
        roll(1, "");
        List<Client> clients = new ArrayList<>();
        signal(pids().get(0), "STOP");
        try {
            while (clients.size() - connections() < 50) {
                clients.add(new Client().get("keep"));
                await("the last one to be accepted", () -> monitor.component.status().accepted() == clients.size());
            }
            assertTrue(connections() > 50, "in the socket: " + connections());
        } finally {
            signal(pids().get(0), "CONT");
        }
        // Nobody gives back anything: that there is room is the only news that there is.
        for (Client client : clients) {
            client.body();
        }
        for (Client client : clients) {
            client.close();
        }
        await("no slot in use", () -> connections() == 0);
    }

    @Test
    void aHangUpFreesTheSlot() throws Exception {
        roll(1, "");
        try (Client client = new Client().get("handling")) {
            await("the hand-off", () -> connections() == 1);
        }
        await("the slot", () -> connections() == 0);
        assertEquals(1, ready());
    }

    // ---- generations

    @Test
    void rollingKeepsConnectionsAndEndsTheOldWorkers() throws Exception {
        roll(2, "");
        List<Long> old = pids();
        try (Client client = new Client()) {
            client.get("keep").body();
            roll(1, "new");
            await("the old workers to leave", () -> old.stream().noneMatch(WorkerPoolTest::isAlive)
                    && pids().size() == 1);
            String body = client.get("keep").body();
            assertEquals(pids().get(0).toString(), body.split(" ")[1]);
        }
    }

    @Test
    void aGenerationThatIsRefusedOrGivenUpReplacesNothing() throws Exception {
        roll(1, "");
        List<Long> old = pids();
        accepts = false;
        rollOnly("refused");
        await("both", () -> pids().size() == 2);
        await("the new one to leave", () -> pids().equals(old));
        accepts = true;
        configure(Map.of("workers", 2));
        await("another of the present one", () -> ready() == 2);
        rollOnly("never");
        await("all to start", () -> pids().size() == 4);
        accepts = false;
        rollOnly("refused");
        await("the given up ones to leave", () -> pids().size() == 2);
        try (Client client = new Client().get("keep")) {
            assertTrue(pids().contains(Long.valueOf(client.body().split(" ")[1])));
            assertTrue(pids().contains(old.get(0)));
        }
    }

    @Test
    void withoutHandlersNobodyIsLeft() throws Exception {
        roll(2, "");
        onLoop(() -> {
            pool.rollToNothing();
            return null;
        });
        await("all to leave", () -> pids().isEmpty());
        try (Client client = new Client().get("keep")) {
            assertTrue(client.response().startsWith("HTTP/1.1 503 "));
        }
    }

    @Test
    void aPoolThatClosesWhileWorkersStartLeavesNone() throws Exception {
        rollOnly("never");
        await("both", () -> pids().size() == 2);
        List<Long> pids = pids();
        onLoop(() -> {
            pool.close();
            return null;
        });
        await("both to exit", () -> pids.stream().noneMatch(WorkerPoolTest::isAlive));
        await("their folders to go", () -> folder.resolve("workers").toFile().list().length == 0);
    }

    // ---- recycling

    @Test
    void aWorkerThatHasHadItsRequestsIsReplacedBeforeItGoes() throws Exception {
        configure(Map.of("workers", 1, "max_requests", 10, "max_requests_jitter", 0));
        roll(1, "");
        String first = pids().get(0).toString();
        try (Client client = new Client()) {
            for (int i = 0; i < 9; i++) {
                assertEquals(first, client.get("back").body().split(" ")[1], "request " + i);
            }
            awaitReplaced(Long.parseLong(first));
            await("its end", () -> !onLoop(pool::past).isEmpty());
            assertTrue(onLoop(pool::past).get(0).history().stream().anyMatch(event -> event.what().equals("retiring")));
        }
    }

    @Test
    void aSpentWorkerIsReplacedAtOnce() throws Exception {
        configure(Map.of("workers", 1, "max_requests", 4, "max_requests_jitter", 0));
        roll(1, "");
        try (Client client = new Client()) {
            String before = "";
            for (int i = 0; i < 12; i++) {
                String body = client.get("spend").body();
                assertEquals(i % 4 + 1 + "", body.split(" ")[2], body);
                assertEquals(i % 4 != 0, body.split(" ")[1].equals(before), body);
                before = body.split(" ")[1];
            }
        }
        await("all spent ones to have retired", () -> onLoop(() -> pool.past().stream()
                .filter(one -> one.end().startsWith("exit status 0")).count()) == 3);
        assertEquals(List.of(), problems);
    }

    @Test
    void recyclingTakesOneAtATimeOrATenth() throws Exception {
        roll(4, "");
        List<Long> old = pids();
        int[] most = {0};
        onLoop(() -> {
            List.copyOf(pool.workers()).forEach(worker -> assertTrue(pool.recycle(worker)));
            return null;
        });
        await("all to be replaced", () -> {
            most[0] = Math.max(most[0], pids().size());
            assertTrue(ready() >= 4);
            return pids().stream().noneMatch(old::contains) && pids().size() == 4;
        });
        assertTrue(most[0] <= 6, "starting and leaving at once: " + most[0]);
    }

    @Test
    void anOldWorkerIsReplaced() throws Exception {
        configure(Map.of("workers", 1, "max_age", 2, "max_age_jitter", 50));
        roll(1, "");
        long first = pids().get(0);
        awaitReplaced(first);
        configure(Map.of("workers", 1));
    }

    @Test
    void aWorkerThatIsTooBigIsReplacedAndSoIsTheBiggestOfAPoolThatIs() throws Exception {
        configure(Map.of("workers", 1, "max_memory", "1m"));
        roll(1, "");
        long first = pids().get(0);
        awaitReplaced(first);
        long second = pids().get(0);
        configure(Map.of("workers", 1, "max_memory_pool", "1m"));
        awaitReplaced(second);
        configure(Map.of("workers", 1, "max_memory", "1g", "max_memory_pool", "2g"));
        assertEquals(1, pids().size());
    }

    @Test
    void aWorkerIsToldItsNumberOfRequestsTheTimeToFinishAndTheUsersVariables() throws Exception {
        configure(Map.of("workers", 1, "max_requests", 1000, "max_requests_jitter", 50, "drain_timeout", 7));
        roll(1, "");
        try (Client client = new Client()) {
            String[] told = client.get("environment").body().split(",");
            assertTrue(Integer.parseInt(told[0]) >= 500 && Integer.parseInt(told[0]) <= 1000, told[0]);
            assertEquals("7", told[1]);
            assertEquals("a value", told[2]);
        }
    }

    // ---- the size

    @Test
    void aChangedNumberOfWorkersTakesEffectAtOnceWithoutARoll() throws Exception {
        roll(1, "");
        long first = pids().get(0);
        try (Client client = new Client()) {
            client.get("keep").body();
            configure(Map.of("workers", 3));
            await("three", () -> ready() == 3);
            assertTrue(pids().contains(first));
            configure(Map.of("workers", 1));
            await("one", () -> pids().size() == 1);
            assertEquals(List.of(first), pids(), "the one with a connection stays");
        }
    }

    @Test
    void anIdlePoolShrinksToNothingAndTheFirstRequestWaitsForTheStart() throws Exception {
        configure(Map.of("workers", 2, "min_workers", 0, "idle_timeout", 1));
        roll(2, "");
        for (int i = 0; i < 2; i++) {
            await("nobody", () -> pids().isEmpty());
            try (Client client = new Client()) {
                assertTrue(client.get("keep").body().startsWith("p-"));
                assertEquals(1, ready());
            }
        }
        assertEquals(List.of(), problems);
    }

    @Test
    void aPoolWhoseConnectionsWaitGrowsUpToItsMostAndShrinksAgain() throws Exception {
        configure(Map.of("workers", 1, "max_workers", 2, "idle_timeout", 1));
        roll(1, "");
        Worker first = onLoop(() -> pool.workers().get(0));
        assertTrue(onLoop(first::off));
        try (Client one = new Client().get("keep"); Client two = new Client().get("keep")) {
            assertTrue(one.body().startsWith("p-2 "), "by the one that was started for it");
            assertTrue(two.body().startsWith("p-2 "));
            assertTrue(onLoop(first::on) || first.state() != Worker.State.OFF, "unless it went, being idle");
        }
        await("one to be left", () -> pids().size() == 1 && onLoop(pool::size) == 1);
    }

    // ---- health

    @Test
    void aHandlerThatTakesTooLongIsDumpedAndKilledAndItsClientIs504() throws Exception {
        configure(Map.of("workers", 2, "request_timeout", 1));
        roll(2, "");
        try (Client stuck = new Client().get("hang"); Client other = new Client()) {
            await("the hang", () -> onLoop(() -> pool.workers().stream().anyMatch(worker -> worker.handling() != 0)));
            other.get("back").body();
            String response = stuck.response();
            assertTrue(response.startsWith("HTTP/1.1 504 "), response);
            other.get("back").body();
        }
        await("its end", () -> !onLoop(pool::past).isEmpty());
        WorkerReport dead = onLoop(pool::past).get(0);
        assertTrue(dead.end().contains("request.timeout = 1 s"), dead.end());
        await("another worker", () -> ready() == 2);
    }

    @Test
    void aHandlerThatEndsWhileTheDumpIsWrittenSavesItsWorker() throws Exception {
        configure(Map.of("workers", 1, "request_timeout", 1));
        roll(1, "");
        List<Long> pids = pids();
        try (Client client = new Client().get("hang-until-dump")) {
            assertTrue(client.body().startsWith("p-"));
            assertTrue(client.get("keep").body().startsWith("p-"), "it goes on");
        }
        assertEquals(pids, pids());
    }

    @Test
    void aStoppedWorkerIsNoticedAndItsUntakenConnectionIsServedByAnother() throws Exception {
        configure(Map.of("workers", 2, "heartbeat", 2));
        roll(2, "");
        long stopped = pids().get(0);
        assertEquals(0, new ProcessBuilder("kill", "-STOP", Long.toString(stopped)).start().waitFor());
        try (Client one = new Client().get("keep"); Client two = new Client().get("keep")) {
            assertTrue(one.body().startsWith("p-"));
            assertTrue(two.body().startsWith("p-"));
        }
        await("its end", () -> !isAlive(stopped));
        await("another one", () -> ready() == 2);
        assertTrue(onLoop(pool::past).get(0).end().contains("heartbeat = 2 s"));
    }

    @Test
    void aStallOfTheMonitorKillsNobody() throws Exception {
        configure(Map.of("workers", 2, "heartbeat", 1));
        roll(2, "");
        List<Long> pids = pids();
        for (int i = 0; i < 3; i++) {
            onLoop(() -> {
                // The loop is kept from everything for longer than a heartbeat.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2500));
                return null;
            });
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1500);
            await("some looks at the workers", () -> System.nanoTime() - end > 0);
        }
        assertEquals(pids, pids());
    }

    @Test
    void aRetiringWorkerThatDiesIsNotSaidToHaveRetired() throws Exception {
        roll(1, "");
        long pid = pids().get(0);
        try (Client client = new Client().get("never-back")) {
            await("the hand-off", () -> connections() == 1);
            onLoop(() -> pool.recycle(pool.workers().get(0)));
            await("it to retire", () -> onLoop(() -> pool.workers().stream()
                    .anyMatch(worker -> worker.pid() == pid && worker.state() == Worker.State.RETIRING)));
            kill(pid);
            await("its end", () -> onLoop(() -> !pool.past().isEmpty()));
            assertTrue(onLoop(pool::past).get(0).end().startsWith("exit status 137"));
        }
    }

    // ---- what the tests are made of

    private void roll(int workers, String start) throws Exception {
        onLoop(() -> {
            if (pool.policy().workers() != workers) {
                pool.configure(policy(Map.of("workers", workers)));
            }
            return null;
        });
        rollOnly(start);
        long expected = generations;
        await("the workers", () -> onLoop(() -> pool.workers().stream().filter(worker ->
                worker.generation().number() == expected && worker.state() == Worker.State.ON).count()) == workers);
    }

    private void rollOnly(String start) throws Exception {
        onLoop(() -> {
            pool.roll(new Generation(++generations, settings(start), List.of()), false, roller);
            return null;
        });
    }

    private void configure(Map<String, Object> values) {
        onLoop(() -> {
            pool.configure(policy(values));
            return null;
        });
    }

    private static PoolPolicy policy(Map<String, Object> values) {
        return PoolPolicy.of(TestPoolConfig.of(values), Map.of());
    }

    private WorkerSettings settings(String start) {
        limits.put("http.start", start);
        return new WorkerSettings(Path.of(System.getProperty("java.home"), "bin", "java"), List.of(), "32m",
                new TreeMap<>(limits), new TreeMap<>(Map.of("OF_THE_USER", "a value")), List.of(),
                Dispatch.CONNECTION);
    }

    /** Waits until a pool of one has another worker than this process. */
    private void awaitReplaced(long pid) throws Exception {
        await("another worker", () -> onLoop(() -> pool.workers().size() == 1
                && pool.workers().get(0).state() == Worker.State.ON && pool.workers().get(0).pid() != pid));
    }

    /** Waits until the only connection of the only worker is in that state. */
    private void awaitState(String state) throws Exception {
        await(state, () -> onLoop(() -> pool.workers().get(0).report("p", "").connections().containsKey(state)));
    }

    private List<Long> pids() {
        return onLoop(() -> pool.workers().stream().map(Worker::pid).toList());
    }

    private long ready() {
        return onLoop(() -> pool.workers().stream().filter(worker -> worker.state() == Worker.State.ON).count());
    }

    private int connections() {
        return onLoop(() -> pool.workers().stream().mapToInt(Worker::connections).sum());
    }

    private static void kill(long pid) {
        assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
    }

    private static void signal(long pid, String name) throws Exception {
        assertEquals(0, new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor());
    }

    private static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** Those that are open; not those of jars, which the class loader opens when it first needs them. */
    private static long openDescriptors() {
        return Stream.of(new File("/proc/self/fd").listFiles()).filter(descriptor -> {
            try {
                return !Files.readSymbolicLink(descriptor.toPath()).toString().endsWith(".jar");
            } catch (IOException e) {
                // The one that read the folder.
                return false;
            }
        }).count();
    }

    private <T> T onLoop(Callable<T> task) {
        try {
            return monitor.component.loop().submit(task).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.call()) {
            if (System.nanoTime() - deadline > 0) {
                fail("not in time: " + what);
            }
            // Leaves the processor to the workers.
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** A client that never retries. */
    private final class Client implements AutoCloseable {

        final Socket socket = new Socket(InetAddress.getLoopbackAddress(), monitor.port());
        String sent;

        Client() throws IOException {
            socket.setSoTimeout(DEADLINE_SECONDS * 1000);
        }

        Client get(String what) throws IOException {
            socket.getOutputStream().write(("GET /p/" + what + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(ISO_8859_1));
            return this;
        }

        /** The head and the beginning of a request, 100,010 bytes together. */
        void post(String what) throws IOException {
            String head = "POST /p/" + what + " HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n";
            sent = head + "0123456789".repeat(10_001).substring(head.length());
            socket.getOutputStream().write(sent.getBytes(ISO_8859_1));
        }

        String body() throws IOException {
            String response = response();
            assertTrue(response.startsWith("HTTP/1.1 200 "), response);
            return response.substring(response.indexOf("\r\n\r\n") + 4);
        }

        String response() throws IOException {
            String head = text("\r\n\r\n");
            int at = head.indexOf("Content-Length: ") + 16;
            int length = Integer.parseInt(head.substring(at, head.indexOf("\r\n", at)));
            return head + new String(socket.getInputStream().readNBytes(length), ISO_8859_1);
        }

        /** Reads to a text; only the text if it is not a head's end. */
        String text(String end) throws IOException {
            InputStream in = socket.getInputStream();
            StringBuilder text = new StringBuilder();
            while (text.indexOf(end) < 0) {
                int c = in.read();
                if (c < 0) {
                    throw new IOException("the connection ended after \"" + text + '"');
                }
                text.append((char) c);
            }
            return end.isBlank() ? text.toString() : end;
        }

        boolean atEnd() throws IOException {
            return socket.getInputStream().read() < 0;
        }

        /** By a reset, which the monitor sees without its worker: a {@link SmallWorker} does not read. */
        @Override
        public void close() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }
}
