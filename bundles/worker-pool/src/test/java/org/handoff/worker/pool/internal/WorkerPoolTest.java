package org.handoff.worker.pool.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.handoff.monitor.internal.PoolTestMonitor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pool with the real monitor and real worker processes, which are {@link SmallWorker}s. */
@Timeout(120)
class WorkerPoolTest {

    private static final int DEADLINE_SECONDS = 30;

    @TempDir
    Path folder;

    private final PoolTestMonitor monitor = new PoolTestMonitor();
    private final ExecutorService blocking = Executors.newSingleThreadExecutor();
    private final List<String> startFailures = new CopyOnWriteArrayList<>();
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
    };

    @BeforeEach
    void create() throws Exception {
        WorkerLauncher launcher = new WorkerLauncher((settings, own, file) -> List.of(settings.java().toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Djava.io.tmpdir=" + own, "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                SmallWorker.class.getName(), file.toString()), folder.resolve("workers"));
        pool = onLoop(() -> new WorkerPool("p", monitor.component.loop(), launcher, blocking));
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
        assertTrue(clients.get(4).atEnd(), "answering: cut");
        assertNotEquals(first, idle.get("keep").body(), "idle: served by the next worker");
        await("the untaken one to be handed to the next worker", () -> connections() == 2);
        assertEquals(0, untaken.socket.getInputStream().available());
        for (Client client : clients) {
            client.close();
        }
        await("no slot in use", () -> connections() == 0);
    }

    @Test
    void aWorkerThatEndsBeforeItIsReadyIsReplaced() throws Exception {
        roll(1, "once " + folder.resolve("tried"));
        assertEquals(1, startFailures.size());
        assertTrue(startFailures.get(0).startsWith("exit status 8"), startFailures.get(0));
    }

    @Test
    void startsThatFailComeEverLaterWithTheReason() throws Exception {
        long before = System.nanoTime();
        rollOnly(1, "exit");
        await("three failures", () -> startFailures.size() == 3);
        // At once, then after one second.
        assertTrue(System.nanoTime() - before > TimeUnit.SECONDS.toNanos(1));
        assertEquals("exit status 7, last output: cannot start: exit", startFailures.get(0));
        try (Client client = new Client().get("keep")) {
            assertTrue(client.response().startsWith("HTTP/1.1 503 "), "nobody has ever been ready");
        }
    }

    @Test
    void aWorkerThatIsNotReadyInTimeIsKilled() throws Exception {
        onLoop(() -> {
            pool.roll(new Generation(++generations, settings(1, "never", 1), List.of()), roller);
            return null;
        });
        await("the failure", () -> !startFailures.isEmpty());
        assertTrue(startFailures.get(0).startsWith("exit status 137"), startFailures.get(0));
    }

    @Test
    void aWorkerThatBreaksTheProtocolIsKilled() throws Exception {
        mustBeKilledFor("violation", "wrong-slot", "descriptor");
    }

    @Test
    void aWorkerWhoseFramesAreCutShortIsKilled() throws Exception {
        mustBeKilledFor("short", "long");
    }

    private void mustBeKilledFor(String... violations) throws Exception {
        roll(1, "");
        for (String violation : violations) {
            await("a worker", () -> ready() == 1);
            int before = openDescriptors();
            long bad = pids().get(0);
            try (Client client = new Client().get(violation)) {
                assertTrue(client.response().startsWith("HTTP/1.1 502 "), violation);
                assertTrue(client.atEnd());
            }
            await("another worker", () -> ready() == 1 && !pids().contains(bad));
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
            await("the old workers to leave", () -> old.stream().noneMatch(WorkerPoolTest::isAlive));
            String body = client.get("keep").body();
            assertEquals(pids().get(0).toString(), body.split(" ")[1]);
        }
    }

    @Test
    void aGenerationThatIsRefusedOrGivenUpReplacesNothing() throws Exception {
        roll(1, "");
        List<Long> old = pids();
        accepts = false;
        rollOnly(1, "refused");
        await("both", () -> pids().size() == 2);
        await("the new one to leave", () -> pids().equals(old));
        accepts = true;
        rollOnly(2, "never");
        await("all to start", () -> pids().size() == 3);
        rollOnly(1, "never");
        await("the given up ones to leave", () -> pids().size() == 2);
        try (Client client = new Client().get("keep")) {
            assertEquals(old.get(0).toString(), client.body().split(" ")[1]);
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
        rollOnly(2, "never");
        await("both", () -> pids().size() == 2);
        List<Long> pids = pids();
        onLoop(() -> {
            pool.close();
            return null;
        });
        await("both to exit", () -> pids.stream().noneMatch(WorkerPoolTest::isAlive));
        await("their folders to go", () -> folder.resolve("workers").toFile().list().length == 0);
    }

    // ---- what the tests are made of

    private void roll(int workers, String start) throws Exception {
        rollOnly(workers, start);
        long expected = generations;
        await("the workers", () -> onLoop(() -> pool.workers().stream().filter(worker ->
                worker.generation().number() == expected && worker.state() == Worker.State.ON).count()) == workers);
    }

    private void rollOnly(int workers, String start) throws Exception {
        onLoop(() -> {
            pool.roll(new Generation(++generations, settings(workers, start, 60), List.of()), roller);
            return null;
        });
    }

    private static PoolSettings settings(int workers, String start, int startSeconds) {
        SortedMap<String, String> http = new TreeMap<>(Map.of("http.start", start));
        return new PoolSettings("p", workers, Path.of(System.getProperty("java.home"), "bin", "java"), List.of(), "32m",
                startSeconds, 10, 100, 20, http);
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

    private static int openDescriptors() {
        return new File("/proc/self/fd").list().length;
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

        Client() throws IOException {
            socket.setSoTimeout(DEADLINE_SECONDS * 1000);
        }

        Client get(String what) throws IOException {
            socket.getOutputStream().write(("GET /p/" + what + " HTTP/1.1\r\nHost: h\r\n\r\n").getBytes(ISO_8859_1));
            return this;
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
