package org.handoff.worker.pool.internal.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
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

import org.handoff.monitor.internal.PoolTestMonitor;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.launch.WorkerLauncher;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.worker.WorkerHandle;
import org.handoff.worker.protocol.Dispatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pool with the real monitor and real worker processes, which are {@link SmallWorker}s. */
@Timeout(120)
abstract class PoolTest {

    static final int DEADLINE_SECONDS = 30;

    @TempDir
    Path folder;

    final PoolTestMonitor monitor = new PoolTestMonitor();
    final ExecutorService blocking = Executors.newSingleThreadExecutor();
    final List<String> startFailures = new CopyOnWriteArrayList<>();
    final List<String> givenUp = new CopyOnWriteArrayList<>();
    final List<Long> pauses = new CopyOnWriteArrayList<>();
    final List<String> problems = new CopyOnWriteArrayList<>();
    final Map<String, String> limits = new HashMap<>();
    WorkerPool pool;
    volatile boolean accepts = true;
    long generations;

    final Roller roller = new Roller() {
        @Override
        public boolean accepts(Generation next, Map<Integer, String> failures) {
            return accepts;
        }

        @Override
        public void startFailed(Generation next, String reason) {
            startFailures.add(reason);
        }

        @Override
        public void crashes(Generation next, String reason, long pauseNanos) {
            pauses.add(pauseNanos);
            givenUp.add(reason);
        }

        @Override
        public void problem(String problem) {
            problems.add(problem);
        }
    };

    @BeforeEach
    void create() throws Exception {
        WorkerLauncher launcher = new WorkerLauncher(
                (generation, own) -> {
                    Path file = own.resolve("generation.properties");
                    generation.file().write(file);
                    List<String> command = new ArrayList<>(List.of(
                            generation.settings().java().toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-Xshare:auto",
                            "-Djava.io.tmpdir=" + own));
                    command.addAll(program());
                    command.add(file.toString());
                    return new ProcessBuilder(command);
                },
                folder.resolve("workers"));
        pool = onLoop(() ->
                new WorkerPool("p", monitor.component.loop(), launcher, blocking, TestPoolConfig.policy(Map.of())));
        monitor.add(pool, 1, "/p");
        if (monitorReads()) {
            // So it has to, with a second target.
            monitor.add(connection -> connection.answer(500), 2, "/other");
        }
    }

    /** What a worker runs, as the java command's options. */
    List<String> program() {
        return List.of(
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                SmallWorker.class.getName());
    }

    /** Whether the monitor reads the requests' heads: a {@link SmallWorker} does not. */
    boolean monitorReads() {
        return true;
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
        await("all workers to exit", () -> pids.stream().noneMatch(PoolTest::isAlive));
        monitor.close();
    }

    void roll(int workers, String start) throws Exception {
        onLoop(() -> {
            if (pool.policy().workers() != workers) {
                pool.configure(TestPoolConfig.policy(Map.of("workers", workers)));
            }
            return null;
        });
        rollOnly(start);
        long expected = generations;
        await(
                "the workers",
                () -> onLoop(() -> pool.workers().stream()
                                .filter(worker -> worker.generation().number() == expected && worker.isOn())
                                .count())
                        == workers);
    }

    void rollOnly(String start) throws Exception {
        onLoop(() -> {
            pool.roll(new Generation(++generations, settings(start), List.of()), false, roller);
            return null;
        });
    }

    void configure(Map<String, Object> values) {
        onLoop(() -> {
            pool.configure(TestPoolConfig.policy(values));
            return null;
        });
    }

    WorkerSettings settings(String start) {
        limits.put("http.start", start);
        return new WorkerSettings(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                List.of(),
                "32m",
                new TreeMap<>(limits),
                new TreeMap<>(Map.of("OF_THE_USER", "a value")),
                List.of(),
                Dispatch.CONNECTION);
    }

    /** Waits until a pool of one has another worker than this process. */
    void awaitReplaced(long pid) throws Exception {
        await(
                "another worker",
                () -> onLoop(() -> pool.workers().size() == 1
                        && pool.workers().get(0).isOn()
                        && pool.workers().get(0).pid() != pid));
    }

    /** Waits until the only connection of the only worker is in that state. */
    void awaitState(String state) throws Exception {
        await(
                state,
                () -> onLoop(() ->
                        pool.workers().get(0).report("p", "").connections().containsKey(state)));
    }

    List<Long> pids() {
        return onLoop(() -> pool.workers().stream().map(WorkerHandle::pid).toList());
    }

    long ready() {
        return onLoop(
                () -> pool.workers().stream().filter(worker -> worker.isOn()).count());
    }

    int connections() {
        return onLoop(() ->
                pool.workers().stream().mapToInt(WorkerHandle::connections).sum());
    }

    static void kill(long pid) {
        assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
    }

    static void signal(long pid, String name) throws Exception {
        assertEquals(
                0,
                new ProcessBuilder("kill", "-" + name, Long.toString(pid))
                        .start()
                        .waitFor());
    }

    static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    /** Those of {@link #openDescriptors} that were not among others of before. */
    static List<String> openedSince(List<String> before) {
        List<String> opened = openDescriptors();
        before.forEach(opened::remove);
        return opened;
    }

    /** The links of those that are open; not those of jars, which the class loader opens when it first needs them. */
    static List<String> openDescriptors() {
        List<String> links = new ArrayList<>();
        for (File descriptor : new File("/proc/self/fd").listFiles()) {
            try {
                String link = Files.readSymbolicLink(descriptor.toPath()).toString();
                if (!link.endsWith(".jar")) {
                    links.add(link);
                }
            } catch (NoSuchFileException e) {
                // Closed meanwhile, as the one that lists them.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return links;
    }

    <T> T onLoop(Callable<T> task) {
        try {
            return monitor.component.loop().submit(task).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
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
    final class Client implements AutoCloseable {

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
