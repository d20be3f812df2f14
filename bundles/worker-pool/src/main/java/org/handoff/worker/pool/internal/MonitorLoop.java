package org.handoff.worker.pool.internal;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;

import io.netty.channel.IoEventLoop;

/** The way to the monitor's loop from other threads. */
public record MonitorLoop(String pool, IoEventLoop loop) {

    /**
     * Runs a task on the loop, and waits for it.
     *
     * @throws IllegalArgumentException the task's own
     * @throws IllegalStateException if the loop does not run it, or the task fails in another way
     */
    <T> T call(Callable<T> task) {
        try {
            return loop.submit(task).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw new IllegalStateException("pool " + pool + ": the monitor's loop refuses", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("pool " + pool + ": interrupted while waiting for the monitor's loop", e);
        }
    }
}
