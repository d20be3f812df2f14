package org.handoff.worker.pool.internal.dispatch;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import io.netty.channel.IoEventLoop;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.launch.WorkerLauncher;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.supervision.Lifetime;
import org.handoff.worker.protocol.Variable;
import org.handoff.worker.protocol.log.LogLevels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the processes of a pool's workers on an executor, as that blocks, and tells the pool on the event loop. On the
 * event loop only.
 */
final class WorkerStarter {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerStarter.class);

    /** The pool, as told of started processes. */
    interface Told {

        /** A process has been started. */
        void started(WorkerLauncher.Launched launched, Generation generation, Lifetime lifetime);

        /** A process cannot be started. */
        void notStarted(String id, Generation generation, String reason);
    }

    private final String pool;
    private final IoEventLoop loop;
    private final WorkerLauncher launcher;
    private final Executor blocking;
    private final Told told;
    /** The generations of the workers whose processes are being started, by id. */
    private final Map<String, Generation> launching = new HashMap<>();

    /** @param blocking its tasks run in order */
    WorkerStarter(String pool, IoEventLoop loop, WorkerLauncher launcher, Executor blocking, Told told) {
        this.pool = pool;
        this.loop = loop;
        this.launcher = launcher;
        this.blocking = blocking;
        this.told = told;
    }

    /** The number of a generation's processes that are being started. */
    int starting(Generation generation) {
        return (int)
                launching.values().stream().filter(one -> one == generation).count();
    }

    /** Starts a worker. @return false if the pool is closing */
    boolean start(String id, Generation generation, PoolPolicy policy, LogLevels logLevels) {
        Lifetime lifetime = Lifetime.random();
        Map<String, String> environment =
                new HashMap<>(Map.of(Variable.DRAIN_TIMEOUT.key(), Integer.toString(policy.drainSeconds())));
        environment.put(Variable.LOG_LEVELS.key(), logLevels.text());
        if (policy.maxRequests() > 0) {
            // Those of its warm-up are beside those of clients.
            long most = lifetime.maxRequests(policy)
                    + generation.settings().warmup().size();
            environment.put(Variable.MAX_REQUESTS.key(), Long.toString(most));
        }
        try {
            blocking.execute(() -> launch(id, generation, lifetime, environment));
        } catch (RejectedExecutionException e) {
            LOG.debug("pool {} is closing: worker {} is not started", pool, id, e);
            return false;
        }
        launching.put(id, generation);
        return true;
    }

    /** Starts a process, and tells the loop. On the executor. */
    private void launch(String id, Generation generation, Lifetime lifetime, Map<String, String> environment) {
        WorkerLauncher.Launched launched;
        try {
            launched = launcher.launch(id, pool, generation, environment);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // An OutOfMemoryError if the system has no thread for the process: then too it has to be tried again.
            LOG.error("Pool {}: worker {} cannot be started: {}", pool, id, e.getMessage());
            loop.execute(() -> {
                launching.remove(id);
                told.notStarted(id, generation, "cannot be started: " + e.getMessage());
            });
            return;
        }
        try {
            loop.execute(() -> {
                launching.remove(id);
                told.started(launched, generation, lifetime);
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("the monitor has stopped while worker {} was starting", id, e);
            launched.discard();
        }
    }
}
