package org.handoff.worker.pool.internal;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/** The one thread of a pool for blocking work: plans, copies of bundles, starts of processes. */
public final class PoolThread {

    private PoolThread() {}

    /** Makes the executor. After a shutdown it runs due tasks, and none that are scheduled for later. */
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
