package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.handoff.monitor.api.Monitor;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.metatype.annotations.Designate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pool of workers, for each configuration {@code org.handoff.pool-<name>}: puts its parts together. */
@Component(service = PoolComponent.class, configurationPid = PoolComponent.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE, immediate = true)
@Designate(ocd = PoolConfig.class, factory = true)
public final class PoolComponent {

    static final String PID = "org.handoff.pool";

    private static final Logger LOG = LoggerFactory.getLogger(PoolComponent.class);

    private final String name;
    private final Monitor monitor;
    private final ScheduledExecutorService executor;
    private final WorkerPool pool;
    private final Planner planner;
    private final HandlerWatcher watcher;
    private final Contexts contexts;

    /** What {@code worker:list} shows of a worker; memory in bytes, or -1 if it has just gone. */
    public record WorkerStatus(String id, String pool, long pid, String state, long requests, int connections,
            long memory, long ageSeconds) {
    }

    /**
     * Starts the pool. Its workers start once there is a handler.
     *
     * @throws IOException if the bundle's data folder cannot be written
     * @throws IllegalArgumentException if the configuration is not possible
     */
    @Activate
    public PoolComponent(BundleContext context, @Reference Monitor monitor,
            @Reference ServiceComponentRuntime components, PoolConfig config, Map<String, Object> properties) throws IOException {
        this.name = name(properties);
        this.monitor = monitor;
        PoolSettings settings = PoolSettings.of(name, config, properties);
        Path folder = context.getDataFile("").toPath();
        RuntimeJar runtime = new RuntimeJar(context.getBundle(), folder.resolve("runtime"));
        Path own = folder.resolve("pool-" + name);
        ClassArchive archive = new ClassArchive(runtime, folder.resolve("class-archives"));
        WorkerLauncher launcher = new WorkerLauncher(new JavaProgram(runtime, archive), own.resolve("workers"));
        BundleStore store = new BundleStore(own.resolve("bundles"));
        // From here on there is something to stop; what fails mostly has been done.
        executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "handoff-pool-" + name);
            thread.setDaemon(true);
            return thread;
        });
        pool = onLoop(() -> new WorkerPool(name, monitor.loop(), launcher, executor));
        contexts = new Contexts(context, name, pool);
        watcher = new HandlerWatcher(context, name, this::handlerCame, this::handlerGone);
        planner = new Planner(watcher::declarations, new BundleClosure(context, components, runtime),
                store, executor, contexts, this::roll);
        try {
            planner.configure(settings);
            watcher.open();
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    /** Takes a changed configuration: workers with it replace the others, without loss. */
    @Modified
    void configure(PoolConfig config, Map<String, Object> properties) {
        try {
            planner.configure(PoolSettings.of(name, config, properties));
        } catch (IllegalArgumentException e) {
            LOG.error("Nothing changed in pool {}; etc/{}-{}.cfg has {}", name, PID, name, e.getMessage());
        }
    }

    /** Withdraws the contexts and lets go of the workers, which finish what they hold and exit. */
    @Deactivate
    void stop() {
        watcher.close();
        executor.shutdown();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("Pool {} stops while a plan is still being made", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        contexts.update(List.of());
        onLoop(() -> {
            pool.close();
            return null;
        });
    }

    /** The pool's workers, now. */
    public List<WorkerStatus> workers() {
        return onLoop(() -> pool.workers().stream()
                .map(worker -> new WorkerStatus(worker.id(), name, worker.pid(), worker.state().name().toLowerCase(),
                        worker.requests(), worker.connections(), residentBytes(worker.pid()),
                        TimeUnit.NANOSECONDS.toSeconds(worker.ageNanos())))
                .toList());
    }

    /** The pool's name. */
    public String name() {
        return name;
    }

    /** What can be done to a worker. */
    public enum Action {

        /** Takes it out of service. */
        OFF,
        /** Puts it back into service. */
        ON,
        /** Has another one take its place, and then finish. */
        RECYCLE,
        /** Ends its process at once. */
        KILL
    }

    /**
     * Does something to a worker. It is done when the method returns, but for what takes the worker time.
     *
     * @throws IllegalArgumentException if the worker is gone, or its state does not allow it
     */
    public void act(String id, Action action) {
        onLoop(() -> {
            Worker worker = pool.workers().stream().filter(one -> one.id().equals(id)).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("worker " + id + " is gone"));
            boolean done = switch (action) {
                case OFF -> worker.off();
                case ON -> worker.on();
                case RECYCLE -> pool.recycle(worker);
                case KILL -> {
                    worker.kill("by command");
                    yield true;
                }
            };
            if (!done) {
                throw new IllegalArgumentException("worker:" + action.name().toLowerCase(Locale.ROOT)
                        + " is not possible now for worker " + id + ", which is "
                        + worker.state().name().toLowerCase(Locale.ROOT) + " in " + worker.generation());
            }
            return null;
        });
    }

    private void handlerCame() {
        planner.changed();
    }

    private void handlerGone() {
        planner.gone();
    }

    private void roll(Generation generation) {
        monitor.loop().execute(() -> {
            if (generation == null) {
                pool.rollToNothing();
            } else {
                pool.roll(generation, planner);
            }
        });
    }

    /** A file org.handoff.pool-NAME.cfg gives the PID org.handoff.pool~NAME. */
    private static String name(Map<String, Object> properties) {
        String pid = String.valueOf(properties.get(Constants.SERVICE_PID));
        String name = pid.startsWith(PID) && pid.length() > PID.length() ? pid.substring(PID.length() + 1) : pid;
        if (!name.matches("[A-Za-z0-9_-]{1,40}")) {
            throw new IllegalArgumentException("a pool cannot be named \"" + name + "\", from the configuration " + pid
                    + ": 1 to 40 letters, digits, - and _");
        }
        return name;
    }

    private static long residentBytes(long pid) {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:")).findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024).orElse(-1L);
        } catch (IOException e) {
            return -1;
        }
    }

    private <T> T onLoop(Callable<T> task) {
        try {
            return monitor.loop().submit(task).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new IllegalStateException("pool " + name + ": the monitor's loop refuses", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("pool " + name + ": interrupted while waiting for the monitor's loop", e);
        }
    }
}
