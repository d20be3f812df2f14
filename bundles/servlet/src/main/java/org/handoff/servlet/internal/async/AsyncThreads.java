package org.handoff.servlet.internal.async;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of requests that go on after their servlet has returned. They start with the first such request; the
 * number of open asynchronous responses bounds what waits for them.
 */
public final class AsyncThreads implements AutoCloseable {

    private static final int MOST = 8;
    private static final int IDLE_SECONDS = 10;

    private final AtomicInteger count = new AtomicInteger();
    private ThreadPoolExecutor tasks;
    private ScheduledExecutorService timer;

    private Thread thread(Runnable task) {
        Thread thread = new Thread(task, "servlet-async-" + count.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    void execute(Runnable task) {
        tasks().execute(task);
    }

    private synchronized ExecutorService tasks() {
        if (tasks == null) {
            tasks = new ThreadPoolExecutor(
                    MOST, MOST, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::thread);
            tasks.allowCoreThreadTimeOut(true);
        }
        return tasks;
    }

    synchronized Future<?> after(long millis, Runnable task) {
        if (timer == null) {
            timer = Executors.newSingleThreadScheduledExecutor(this::thread);
        }
        return timer.schedule(() -> execute(task), millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void close() {
        if (tasks != null) {
            tasks.shutdownNow();
        }
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}
