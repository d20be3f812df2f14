package org.handoff.worker.pool.internal.dispatch;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

import org.handoff.monitor.internal.TestMonitor;
import org.handoff.testkit.TestBundle;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.launch.ShippedWorker;
import org.handoff.worker.pool.internal.launch.WorkerLauncher;
import org.handoff.worker.pool.internal.plan.Code;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.plan.HandlerPlan;
import org.handoff.worker.pool.internal.worker.WorkerHandle;
import org.handoff.worker.protocol.Dispatch;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/**
 * A process of its own with the real monitor and a pool of real Java workers, for {@link FaultsTest}. It prints its
 * port, then a line of counts for each line that it reads, and ends when there are none any more.
 */
public final class FaultServer {

    static final int WORKERS = 2;

    private FaultServer() {}

    /** @param arguments a folder */
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        WorkerLauncher launcher = new WorkerLauncher(
                (generation, own) -> {
                    Path file = own.resolve("generation.properties");
                    generation.file().write(file);
                    return new ProcessBuilder(
                            generation.settings().java().toString(),
                            "-Xmx64m",
                            "-XX:TieredStopAtLevel=1",
                            "-XX:+UseSerialGC",
                            "-Djava.io.tmpdir=" + own,
                            "-jar",
                            ShippedWorker.jar(System.getProperty("handoff.class.path")),
                            file.toString());
                },
                folder);
        ExecutorService blocking = Executors.newSingleThreadExecutor();
        try (TestMonitor monitor = new TestMonitor()) {
            PoolPolicy policy = PoolPolicy.of(TestPoolConfig.of(Map.of("workers", WORKERS)), Map.of());
            WorkerPool pool =
                    monitor.onLoop(() -> new WorkerPool("p", monitor.component.loop(), launcher, blocking, policy));
            monitor.add(pool, 1, "/p");
            // A second target, so that the monitor reads the requests' heads.
            monitor.add(connection -> connection.answer(500), 2, "/other");
            WorkerSettings settings = ShippedWorker.settings(Dispatch.CONNECTION);
            HandlerPlan plan = plan(folder);
            monitor.onLoop(() -> {
                pool.roll(new Generation(1, settings, List.of(plan)), false, new Accepting());
                return null;
            });
            System.out.println(monitor.port());
            BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
            while (commands.readLine() != null) {
                System.out.println(monitor.component.status().open() + " " + monitor.onLoop(() -> counts(pool)));
            }
            monitor.onLoop(() -> {
                pool.close();
                return null;
            });
        } finally {
            blocking.shutdown();
        }
    }

    /** "connections in the monitor, connections with workers, own descriptors", and "pid descriptors" of each worker. */
    private static String counts(WorkerPool pool) {
        return pool.workers().stream().mapToInt(WorkerHandle::connections).sum() + " "
                + descriptors("self")
                + pool.workers().stream()
                        .filter(worker -> worker.isOn())
                        .map(worker -> "," + worker.pid() + " " + descriptors(Long.toString(worker.pid())))
                        .collect(Collectors.joining());
    }

    private static int descriptors(String process) {
        String[] open = new File("/proc/" + process + "/fd").list();
        return open == null ? 0 : open.length;
    }

    /** The handler that answers what a {@link Load} asks for. @param folder for its bundle */
    static HandlerPlan plan(Path folder) throws IOException {
        Path bundle = new TestBundle("faults")
                .header("Bundle-Activator", Activator.class.getName())
                .header("Import-Package", "org.handoff.worker.api,org.osgi.framework")
                .with(Activator.class)
                .with(Answers.class)
                .write(folder);
        return new HandlerPlan(new Code("p", "p", null, List.of(bundle)), List.of("/p"), "");
    }

    private static final class Accepting implements Roller {

        @Override
        public boolean accepts(Generation next, Map<Integer, String> failures) {
            return failures.isEmpty();
        }

        @Override
        public void startFailed(Generation next, String reason) {
            System.err.println("cannot start: " + reason);
        }

        @Override
        public void crashes(Generation next, String reason, long pauseNanos) {
            System.err.println("crashes: " + reason);
        }

        @Override
        public void problem(String problem) {
            System.err.println("problem: " + problem);
        }
    }

    /** Registers the handler, in a worker. */
    public static final class Activator implements BundleActivator {

        @Override
        public void start(BundleContext context) {
            Hashtable<String, Object> properties = new Hashtable<>();
            properties.put("handoff.context", new String[] {"/p"});
            context.registerService(Handler.class, new Answers(), properties);
        }

        @Override
        public void stop(BundleContext context) {
            // The framework unregisters it.
        }
    }

    /** Answers in each of the ways there are, in a worker. */
    public static final class Answers implements Handler {

        private static final int LARGE = 1_200_000;
        private static final int PIECES = 30;
        private static final int SLOW_MILLIS = 300;

        @Override
        public void handle(Request request, Response response) throws IOException {
            switch (request.path()) {
                case "/p/bytes" -> response.send(new byte[LARGE]);
                case "/p/stream" -> {
                    OutputStream out = response.stream();
                    for (int i = 0; i < PIECES; i++) {
                        out.write(new byte[LARGE / PIECES]);
                    }
                }
                case "/p/file" -> {
                    Path file = Files.createTempFile("faults", null);
                    Files.write(file, new byte[LARGE]);
                    response.send(file);
                    Files.delete(file);
                }
                case "/p/slow" -> {
                    try {
                        TimeUnit.MILLISECONDS.sleep(SLOW_MILLIS);
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    response.send("slow");
                }
                default -> response.send(Long.toString(request.body().transferTo(OutputStream.nullOutputStream())));
            }
        }
    }
}
