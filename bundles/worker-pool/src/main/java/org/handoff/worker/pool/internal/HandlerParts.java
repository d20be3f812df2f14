package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool of Java workers, which serve handler bundles. Its workers start once there is a handler. */
final class HandlerParts implements PoolParts {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerParts.class);

    private final String name;
    private final MonitorLoop loop;
    private final ScheduledExecutorService executor;
    private final WorkerPool pool;
    private final Planner planner;
    private final HandlerWatcher watcher;
    private final Contexts contexts;

    /** @throws IOException if the bundle's data folder cannot be written */
    HandlerParts(BundleContext context, MonitorLoop loop, ServiceComponentRuntime components, PoolSettings settings)
            throws IOException {
        this.name = settings.name();
        this.loop = loop;
        Path folder = context.getDataFile("").toPath();
        RuntimeJar runtime = new RuntimeJar(context.getBundle(), folder.resolve("runtime"));
        Path own = folder.resolve("pool-" + name);
        ClassArchive archive = new ClassArchive(runtime, folder.resolve("class-archives"));
        archive.prepare(settings.workers().java());
        WorkerLauncher launcher = new WorkerLauncher(new JavaProgram(runtime, archive), own.resolve("workers"));
        BundleStore store = new BundleStore(own.resolve("bundles"));
        // From here on there is something to stop; what fails mostly has been done.
        executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "handoff-pool-" + name);
            thread.setDaemon(true);
            return thread;
        });
        pool = loop.call(() -> new WorkerPool(name, loop.loop(), launcher, executor, settings.policy()));
        contexts = new Contexts(context, name, pool);
        watcher = new HandlerWatcher(context, name, this::handlerCame, this::handlerGone);
        planner = new Planner(watcher::declarations, new BundleClosure(context, components, runtime),
                store, executor, contexts, this::roll);
        try {
            planner.configure(settings.workers());
            watcher.open();
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    private void handlerCame() {
        planner.changed();
    }

    private void handlerGone() {
        planner.gone();
    }

    private void roll(Generation generation, boolean suspect) {
        loop.loop().execute(() -> {
            if (generation == null) {
                pool.rollToNothing();
            } else {
                pool.roll(generation, suspect, planner);
            }
        });
    }

    @Override
    public Staff<?> staff() {
        return pool;
    }

    @Override
    public void configure(PoolSettings changed) {
        loop.call(() -> {
            pool.configure(changed.policy());
            return null;
        });
        planner.configure(changed.workers());
    }

    /** Withdraws the contexts and lets go of the workers, which finish what they hold and exit. */
    @Override
    public void stop() {
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
        loop.call(() -> {
            pool.close();
            return null;
        });
    }
}
