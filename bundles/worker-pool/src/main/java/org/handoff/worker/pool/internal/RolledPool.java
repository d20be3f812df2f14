package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.deploy.ContextRegistrations;
import org.handoff.worker.pool.internal.deploy.Framework;
import org.handoff.worker.pool.internal.deploy.RolloutController;
import org.handoff.worker.pool.internal.dispatch.WaitingRooms;
import org.handoff.worker.pool.internal.dispatch.WorkerPool;
import org.handoff.worker.pool.internal.launch.WorkerLauncher;
import org.handoff.worker.pool.internal.output.KarafLevels;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.supervision.PoolControl;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool of generations whose workers speak the worker protocol, Java or native. */
final class RolledPool {

    private static final Logger LOG = LoggerFactory.getLogger(RolledPool.class);

    private final String name;
    private final MonitorLoop loop;
    private final ScheduledExecutorService executor;
    private final WorkerPool pool;
    private final RolloutController controller;
    private final ContextRegistrations contexts;
    private final KarafLevels levels;
    private final MemorySessions sessions;

    /**
     * Makes a pool without workers; they start with the first settings.
     *
     * @param program how its processes are started
     * @param files the copies of bundles that its generations use
     * @param source the handlers wanted of the pool
     * @throws IOException if the pool's folder cannot be written
     */
    RolledPool(
            Framework framework,
            MonitorLoop loop,
            PoolSettings settings,
            WorkerLauncher.Program program,
            RolloutController.FileKeeper files,
            RolloutController.WantSource source)
            throws IOException {
        this.name = settings.name();
        this.loop = loop;
        WorkerLauncher launcher = new WorkerLauncher(program, framework.folderOf(name));
        sessions = new MemorySessions(framework.context(), name, launcher.sessionSocket());
        executor = PoolThread.start("handoff-pool-" + name);
        pool = loop.call(() -> new WorkerPool(name, loop.loop(), launcher, executor, settings.policy()));
        contexts = new ContextRegistrations(
                framework.context(), name, pool, new WaitingRooms(loop.loop(), pool::policy)::open);
        controller = new RolloutController(source, files, executor, contexts, this::roll);
        levels = new KarafLevels(
                framework.context(),
                framework.configurations(),
                changed -> loop.loop().execute(() -> pool.logLevels(changed)));
    }

    /** Runs the first steps of the pool, and stops it if one of them fails. */
    void start(Runnable firstSteps) {
        try {
            levels.open();
            firstSteps.run();
        } catch (RuntimeException e) {
            stop();
            throw e;
        }
    }

    private void roll(Generation generation, boolean suspect) {
        loop.loop().execute(() -> {
            if (generation == null) {
                pool.rollToNothing();
            } else {
                pool.roll(generation, suspect, controller);
            }
        });
    }

    /** The wanted handlers may have changed. */
    void changed() {
        controller.changed();
    }

    /** The pool's thread, which asks for the wanted handlers. */
    ScheduledExecutorService executor() {
        return executor;
    }

    /** Takes settings, without loss. @param settleSeconds how long an unwanted context is still served */
    void configure(PoolSettings settings, int settleSeconds) {
        loop.call(() -> {
            pool.configure(settings.policy());
            return null;
        });
        // The socket is there before a worker looks for it.
        sessions.configure(settings.workers().sessions());
        controller.configure(settings.workers(), settleSeconds);
    }

    PoolControl<?> control() {
        return pool;
    }

    CompletableFuture<String> roll() {
        return controller.roll();
    }

    /** Withdraws the contexts and abandons the workers, which finish their requests and exit. */
    void stop() {
        levels.close();
        executor.shutdown();
        try {
            if (!executor.awaitTermination(10, TimeUnit.SECONDS)) {
                LOG.warn("Pool {} stops while a plan is still being made", name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        contexts.update(List.of());
        sessions.close();
        loop.call(() -> {
            pool.close();
            return null;
        });
    }
}
