package org.handoff.worker.pool.internal.dispatch;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
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

import org.handoff.monitor.internal.TestMonitor;
import org.handoff.testkit.Await;
import org.handoff.testkit.Client;
import org.handoff.worker.pool.internal.config.RunAs;
import org.handoff.worker.pool.internal.config.SessionSettings;
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
@Timeout(300)
abstract class PoolTest {

    @TempDir
    Path folder;

    /** What those do who need the monitor, when it has been made known, and when it is withdrawn. */
    volatile Runnable published = () -> {};

    volatile Runnable withdrawn = () -> {};

    final TestMonitor monitor = new TestMonitor(its -> {
        published.run();
        return () -> withdrawn.run();
    });
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
                folder);
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
                "-Dslf4j.provider=org.handoff.worker.runtime.log.Slf4jProvider",
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
        assertTrue(blocking.awaitTermination(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
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
                new TreeMap<>(),
                RunAs.KARAF,
                List.of(),
                Dispatch.CONNECTION,
                SessionSettings.MEMORY);
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

    static boolean isAlive(long pid) {
        return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    }

    <T> T onLoop(Callable<T> task) {
        try {
            return monitor.onLoop(task);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** A client of the pool. */
    final PoolClient client() throws IOException {
        return new PoolClient(monitor.port());
    }

    /** A client that asks for what a {@link SmallWorker} is to do. */
    static final class PoolClient extends Client {

        String sent;

        PoolClient(int port) throws IOException {
            super(port);
        }

        @Override
        public PoolClient get(String what) throws IOException {
            super.get("/p/" + what);
            return this;
        }

        /** The head and the beginning of a request, 100,010 bytes together. */
        void post(String what) throws IOException {
            String head = "POST /p/" + what + " HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n";
            sent = head + "0123456789".repeat(10_001).substring(head.length());
            send(sent);
        }

        String body() throws IOException {
            Answer answer = answer();
            assertEquals(200, answer.status(), answer::text);
            return answer.text();
        }

        /** Reads up to the end of a text. */
        void awaitText(String text) throws IOException {
            StringBuilder read = new StringBuilder();
            while (read.indexOf(text) < 0) {
                int c = in().read();
                if (c < 0) {
                    throw new IOException("the connection ended after \"" + read + '"');
                }
                read.append((char) c);
            }
        }

        /** By a reset, which the monitor sees without its worker: a {@link SmallWorker} does not read. */
        @Override
        public void close() throws IOException {
            reset();
        }
    }
}
