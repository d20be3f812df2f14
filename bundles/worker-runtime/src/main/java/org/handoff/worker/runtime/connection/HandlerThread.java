package org.handoff.worker.runtime.connection;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.handoff.worker.protocol.Scoreboard;

/**
 * The one thread that calls handlers. It notes in the scoreboard which connection it works for, and since when, and
 * begins no more requests than it may.
 */
public final class HandlerThread implements Executor {

    /** The thread's name. */
    static final String NAME = "handler";

    /** How much one request counts in the average: the last few dozen make it. */
    private static final int WEIGHT = 8;

    /** As so long one counts that took longer: a single one, cold or stuck, says nothing of those that follow. */
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(8);

    /** Told on whatever thread it happens. */
    interface Listener {

        /** Nothing is left to do. */
        void idle();

        /** The last request that may begin has begun. */
        void spent();

        /** A task ended by an error, which is not its handler's. */
        void broken(Error cause);
    }

    private final Scoreboard scoreboard;
    private final long most;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> new Thread(task, NAME));
    private final AtomicInteger queued = new AtomicInteger();
    private Listener listener;
    private final AtomicLong taken = new AtomicLong();
    private volatile long since;
    private volatile long average;

    /** @param most how many requests it may begin; 0 for any number */
    public HandlerThread(Scoreboard scoreboard, long most) {
        this.scoreboard = scoreboard;
        this.most = most;
    }

    /** Says who is told; before the first task. */
    void listener(Listener told) {
        listener = told;
    }

    @Override
    public void execute(Runnable task) {
        queued.incrementAndGet();
        thread.execute(() -> {
            try {
                task.run();
            } catch (Error e) {
                listener.broken(e);
            } finally {
                end();
            }
        });
    }

    /** Runs on the same thread what is no client's request: it counts nowhere, and nobody is told of it. */
    public void aside(Runnable task) {
        thread.execute(task);
    }

    /**
     * Takes one of the requests that may begin. Any thread.
     *
     * @return false if there is none left
     */
    boolean take() {
        if (most == 0) {
            return true;
        }
        long now = taken.incrementAndGet();
        if (now == most) {
            listener.spent();
        }
        return now <= most;
    }

    /** A handler is about to be called for a connection; on this thread. */
    void begin(long connection) {
        // Never 0, which says that none is running.
        since = System.nanoTime() | 1;
        scoreboard.handling(connection);
    }

    /** The handler has returned; what comes until the end of the task does not count as its time. On this thread. */
    void returned() {
        long began = since;
        if (began != 0) {
            since = 0;
            average += (Math.min(System.nanoTime() - began, LONGEST_NANOS) - average) / WEIGHT;
        }
    }

    private void end() {
        returned();
        scoreboard.handling(0);
        if (queued.decrementAndGet() == 0) {
            listener.idle();
        }
    }

    /** Whether no handler is running and no request waits for one. Any thread. */
    boolean isIdle() {
        return queued.get() == 0;
    }

    /** For how long the present handler has been running, in nanoseconds; 0 where none is. Any thread. */
    long runningNanos() {
        long began = since;
        return began == 0 ? 0 : System.nanoTime() - began;
    }

    /** How long the last handlers took, in nanoseconds. Any thread. */
    long averageNanos() {
        return average;
    }

    /** Ends the thread, when it has done what it was given. */
    public void shutdown() {
        thread.shutdown();
    }
}
