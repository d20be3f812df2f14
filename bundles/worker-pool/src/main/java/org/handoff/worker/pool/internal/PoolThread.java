package org.handoff.worker.pool.internal;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The one thread of a pool on which it does what blocks: makes plans, copies bundles, starts processes. */
public final class PoolThread {

    private PoolThread() {}

    /** Starts one. When it is shut down, it does what is due, and nothing that is planned for later. */
    static ScheduledExecutorService start(String name) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return executor;
    }
}
