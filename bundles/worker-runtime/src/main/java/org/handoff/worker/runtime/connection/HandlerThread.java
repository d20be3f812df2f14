package org.handoff.worker.runtime.connection;

import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import org.handoff.http.loop.SharedLoop;
import org.handoff.http.loop.SteadyIo;
import org.handoff.worker.protocol.Scoreboard;

/**
 * The one thread that calls handlers. It records in the scoreboard its present connection and the time of the handler's
 * start, and begins no more requests than allowed.
 */
public final class HandlerThread implements Executor {

    /** The thread's name. */
    static final String NAME = "handler";

    /** The weight of one request in the average, which covers the last few dozen. */
    private static final int WEIGHT = 8;

    /** Handlers that take less time than this, on the average, are quick. */
    private static final long QUICK_NANOS = TimeUnit.MILLISECONDS.toNanos(SharedLoop.SLOW_MILLIS) / 2;

    /** The largest time that counts: a single longer one, cold or stuck, says nothing about the next ones. */
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(8);

    /** Events, on the thread on which they happen. */
    interface Listener {

        /** The thread has no task left. */
        void idle();

        /** The last request allowed to this worker has begun. */
        void quotaReached();

        /** The event loop has changed to its own thread, as a handler is slow or may become so. On the loop. */
        void unwatched();

        /** A task ended by an error that its handler did not throw. */
        void broken(Error cause);
    }

    private final Scoreboard scoreboard;
    private final long most;
    private final SharedLoop loop;
    private final AtomicInteger queued = new AtomicInteger();
    private Listener listener;
    private final AtomicLong taken = new AtomicLong();
    private volatile long since;
    private volatile long average;

    /** @param most the number of requests that it may begin; 0 for any */
    public HandlerThread(Scoreboard scoreboard, long most) {
        this.scoreboard = scoreboard;
        this.most = most;
        loop = new SharedLoop("io", NAME, SteadyIo.newFactory(), new SharedLoop.Observer() {
            @Override
            public boolean areQuick() {
                return HandlerThread.this.areQuick();
            }

            @Override
            public void unwatched() {
                listener.unwatched();
            }

            @Override
            public void broken(Error cause) {
                listener.broken(cause);
            }
        });
    }

    /** The event loop, which is on this thread or on its own; ends by its own methods. */
    public SharedLoop loop() {
        return loop;
    }

    /** Sets the listener; before the first task. */
    void listener(Listener told) {
        listener = told;
    }

    @Override
    public void execute(Runnable task) {
        queued.incrementAndGet();
        loop.handlers().execute(() -> {
            try {
                task.run();
            } catch (Error e) {
                listener.broken(e);
            } finally {
                end();
            }
        });
    }

    /** Takes one of the allowed requests. Any thread. @return false if there is none left */
    boolean take() {
        if (most == 0) {
            return true;
        }
        long now = taken.incrementAndGet();
        if (now == most) {
            listener.quotaReached();
        }
        return now <= most;
    }

    /** A handler is about to be called for a connection; on this thread. */
    void begin(long connection) {
        // Never 0, which means that none is running.
        since = System.nanoTime() | 1;
        scoreboard.handling(connection);
    }

    /** The handler has returned; the rest of the task does not count as its time. On this thread. */
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

    /** The running time of the present handler, in nanoseconds; 0 for none. Any thread. */
    long runningNanos() {
        long began = since;
        return began == 0 ? 0 : System.nanoTime() - began;
    }

    /** The average running time of the last handlers, in nanoseconds. Any thread. */
    long averageNanos() {
        return average;
    }

    /** Whether the last handlers were quick, on the average. Any thread. */
    boolean areQuick() {
        return average < QUICK_NANOS;
    }

    /** Ends the thread after its last task. */
    public void shutdown() {
        loop.closeHandlers();
    }
}
