package org.handoff.servlet.internal.async;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of requests that go on after their servlet has returned. They start with the first such request; the
 * number of open asynchronous responses bounds what waits for them. A servlet's tasks may wait for something: so
 * dispatched requests, listeners and timeouts have threads of their own.
 */
public final class AsyncThreads implements AutoCloseable {

    private static final int MOST = 8;
    private static final int TIMERS = 2;
    private static final int IDLE_SECONDS = 10;

    private final AtomicInteger count = new AtomicInteger();
    private ExecutorService tasks;
    private ExecutorService calls;
    private ScheduledThreadPoolExecutor timer;

    private Thread thread(Runnable task) {
        Thread thread = new Thread(task, "servlet-async-" + count.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    private ExecutorService pool() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                MOST, MOST, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::thread);
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Runs a task of a servlet's. */
    synchronized void execute(Runnable task) {
        if (tasks == null) {
            tasks = pool();
        }
        tasks.execute(task);
    }

    /** Calls a servlet, or a listener of its. */
    synchronized void call(Runnable call) {
        if (calls == null) {
            calls = pool();
        }
        calls.execute(call);
    }

    synchronized Future<?> after(long millis, Runnable task) {
        if (timer == null) {
            timer = new ScheduledThreadPoolExecutor(TIMERS, this::thread);
            timer.setRemoveOnCancelPolicy(true);
        }
        return timer.schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void close() {
        if (tasks != null) {
            tasks.shutdownNow();
        }
        if (calls != null) {
            calls.shutdownNow();
        }
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}
