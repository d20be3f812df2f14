package org.handoff.http.loop;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.FastThreadLocalThread;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop, and the one thread that calls handlers. As long as handlers are quick, the loop runs on the handlers'
 * thread, between two handlers: no request then waits for another thread to wake, and no response either. The loop's
 * own thread watches that. When a handler has run for {@value #SLOW_MILLIS} ms, it takes the loop over, so that nothing
 * but requests waits for the handler; when handlers are quick again, it gives the loop back. A handler with a long
 * response leaves it the loop at once.
 *
 * <p>At each instant at most one thread runs the loop, and {@link #inEventLoop} is true on this thread only. While a
 * handler runs on the thread that has the loop, no thread runs it; the handler's calls of {@link #execute} are tasks
 * like those of any other thread.
 */
public final class SharedLoop extends SingleThreadIoEventLoop {

    private static final Logger LOG = LoggerFactory.getLogger(SharedLoop.class);

    /** The time after which a handler is slow, in milliseconds. */
    public static final long SLOW_MILLIS = 1;

    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(SLOW_MILLIS);
    /** The time for handlers between two turns of the loop on their thread; a handler that has begun may take longer. */
    private static final long HANDLERS_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

    /** The handlers' behaviour. */
    public interface Observer {

        /** Whether the last handlers were quick: the loop may run on their thread. Any thread may ask. */
        boolean areQuick();

        /**
         * The loop has changed to its own thread, as a handler is slow or may become so: nothing tells of it any more.
         * On the loop.
         */
        void unwatched();

        /** A part of the loop has ended by an error of the JVM; what is on the loop may be half done. */
        void broken(Error cause);
    }

    /** Who runs the loop. */
    private enum Runner {
        /** The loop's own thread. */
        OWN,
        /** The handlers' thread. */
        HANDLERS,
        /** No thread: the handlers' thread runs a handler, and has the loop again afterwards, if it is still there. */
        NONE
    }

    private final AtomicReference<Runner> runner = new AtomicReference<>(Runner.OWN);
    private final Queue<Runnable> handlers = new ConcurrentLinkedQueue<>();
    private final Thread handlersThread;
    private final Observer observer;
    private volatile Thread ownThread;
    /** The number of handlers that have begun; written by the handlers' thread only. */
    private volatile long begun;
    /** The number of handlers that have ended; written by the handlers' thread only. */
    private volatile long ended;
    /** The value of {@link #begun} at the last handler that the loop was taken from, or that has left it. */
    private volatile long left = -1;
    /** Whether the loop's own thread has the loop, as it knows it. */
    private boolean has = true;
    /** Whether the loop's own thread sleeps until a handler begins. */
    private volatile boolean resting;
    /** Whether the handlers' thread takes no more handlers. */
    private volatile boolean closed;

    /**
     * Starts the handlers' thread.
     *
     * @param own the name of the loop's own thread
     * @param ofHandlers the name of the handlers' thread
     * @param io how the loop waits for sockets
     */
    public SharedLoop(String own, String ofHandlers, IoHandlerFactory io, Observer observer) {
        super(null, (ThreadFactory) task -> new FastThreadLocalThread(task, own), io);
        this.observer = observer;
        handlersThread = new FastThreadLocalThread(this::runHandlers, ofHandlers);
        handlersThread.start();
    }

    /** Calls handlers, one at a time and in order, on the handlers' thread; rejects them after {@link #closeHandlers}. */
    public Executor handlers() {
        return this::executeHandler;
    }

    /** Ends the handlers' thread after the last handler; the loop stays. Any thread. */
    public void closeHandlers() {
        closed = true;
        wakeHandlersThread();
    }

    /**
     * Runs the loop's tasks now, if the calling thread is the handlers' thread and has the loop: so the present
     * handler's response is written without another thread. Otherwise does nothing, as another thread runs them. The
     * caller holds no lock that the loop needs, and is not within a handler: an error there, such as a stack overflow,
     * would be one of the loop.
     */
    public void runTasks() {
        if (Thread.currentThread() == handlersThread && runner.compareAndSet(Runner.NONE, Runner.HANDLERS)) {
            // The handler's interrupt is not for the tasks.
            boolean interrupted = Thread.interrupted();
            try {
                runAllTasks(SLOW_NANOS);
            } finally {
                runner.set(Runner.NONE);
                if (interrupted) {
                    handlersThread.interrupt();
                }
            }
        }
    }

    /**
     * Leaves the loop to its own thread, if the calling thread is the handlers' thread and has the loop: the present
     * handler goes on with a long response, which is to be written meanwhile.
     */
    public void leave() {
        if (Thread.currentThread() == handlersThread && runner.get() == Runner.NONE) {
            left = begun;
            if (runner.compareAndSet(Runner.NONE, Runner.OWN)) {
                LockSupport.unpark(ownThread);
            }
        }
    }

    /** Whether the loop's own thread does not run the loop, but watches it. On the loop. */
    public boolean isWatched() {
        return runner.get() != Runner.OWN;
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return switch (runner.get()) {
            case OWN -> thread == ownThread;
            case HANDLERS -> thread == handlersThread;
            case NONE -> false;
        };
    }

    /** A turn of the loop does not wait for sockets while handlers wait for the same thread, or its end. */
    @Override
    protected boolean hasTasks() {
        return super.hasTasks() || runner.get() == Runner.HANDLERS && (closed || !handlers.isEmpty());
    }

    private void turn() {
        runIo();
        if (isShuttingDown()) {
            ioHandler().prepareToDestroy();
        }
        runAllTasks(SLOW_NANOS);
    }

    // ---- the loop's own thread

    @Override
    protected void run() {
        ownThread = Thread.currentThread();
        ioHandler().initialize();
        do {
            try {
                if (runner.get() == Runner.OWN) {
                    take();
                    turn();
                    giveIfQuick();
                } else {
                    watch();
                }
            } catch (RuntimeException e) {
                LOG.error("A task of thread {} failed", Thread.currentThread().getName(), e);
            } catch (Error e) {
                observer.broken(e);
            }
        } while (runner.get() != Runner.OWN || !confirmShutdown());
    }

    private void take() {
        if (!has) {
            has = true;
            observer.unwatched();
        }
    }

    private void giveIfQuick() {
        if (begun != left && !closed && !isShuttingDown() && observer.areQuick()) {
            has = false;
            runner.set(Runner.NONE);
            LockSupport.unpark(handlersThread);
        }
    }

    private void watch() {
        long seen = begun;
        long since = System.nanoTime();
        LockSupport.parkNanos(this, SLOW_NANOS);
        // It returns at once if the other thread has woken this one while it was no longer asleep.
        if (begun != seen || System.nanoTime() - since < SLOW_NANOS) {
            return;
        }
        if (ended == seen) {
            rest(seen);
        } else if (runner.compareAndSet(Runner.NONE, Runner.OWN)) {
            left = seen;
        }
    }

    private void rest(long seen) {
        resting = true;
        // The other thread looks at resting after it has begun a handler.
        if (begun == seen && runner.get() == Runner.HANDLERS) {
            LockSupport.park(this);
        }
        resting = false;
    }

    // ---- the handlers' thread

    private void executeHandler(Runnable handler) {
        if (closed) {
            throw new RejectedExecutionException("The thread for handlers is about to end");
        }
        handlers.add(handler);
        wakeHandlersThread();
    }

    private void wakeHandlersThread() {
        if (Thread.currentThread() == handlersThread) {
            return;
        }
        if (runner.get() == Runner.OWN) {
            LockSupport.unpark(handlersThread);
        } else {
            wakeup(false);
        }
    }

    private void runHandlers() {
        while (true) {
            // One that came too late for its handler.
            Thread.interrupted();
            try {
                if (has()) {
                    turn();
                    runWaiting();
                } else if (!runNext()) {
                    if (closed) {
                        return;
                    }
                    LockSupport.park(this);
                }
            } catch (RuntimeException e) {
                LOG.error("A task of thread {} failed", Thread.currentThread().getName(), e);
            } catch (Error e) {
                observer.broken(e);
            }
        }
    }

    /** Whether the handlers' thread has the loop. */
    private boolean has() {
        if (runner.get() == Runner.OWN) {
            return false;
        }
        if (closed || isShuttingDown()) {
            runner.set(Runner.OWN);
            LockSupport.unpark(ownThread);
            return false;
        }
        return runner.get() == Runner.HANDLERS || runner.compareAndSet(Runner.NONE, Runner.HANDLERS);
    }

    private void runWaiting() {
        if (handlers.isEmpty()) {
            return;
        }
        runner.set(Runner.NONE);
        long since = System.nanoTime();
        while (runNext() && System.nanoTime() - since < HANDLERS_NANOS) {
            // The next one.
        }
    }

    private boolean runNext() {
        Runnable next = handlers.poll();
        if (next == null) {
            return false;
        }
        begun++;
        if (resting) {
            LockSupport.unpark(ownThread);
        }
        try {
            next.run();
        } finally {
            ended++;
            // A handler's interrupt ends with it.
            Thread.interrupted();
        }
        return true;
    }
}
