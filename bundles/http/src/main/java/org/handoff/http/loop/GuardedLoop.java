package org.handoff.http.loop;

import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.ThreadAwareExecutor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop that no error ends unnoticed. In Netty 4.2.18 an {@code Error} silently ends the loop's thread, and
 * with it everything on the loop. Here the loop's owner hears of the error and replaces the loop with all that is on
 * it, as an error such as lack of memory may leave any of it half done. Until then the loop reports nothing of its
 * sockets, but runs tasks, so that everything on it can be ended in order.
 */
public final class GuardedLoop {

    private static final Logger LOG = LoggerFactory.getLogger(GuardedLoop.class);

    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** How long the thread of a failed loop sleeps when it has nothing to do. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private static final int STOP_SECONDS = 5;

    private final Consumer<Throwable> owner;
    private final Group group;
    /** Started beforehand: when memory is exhausted, there is none for a thread. */
    private final Thread watcher;

    private volatile Throwable failure;
    private volatile boolean closed;

    /**
     * Starts the loop.
     *
     * @param name of its thread
     * @param io how it waits for sockets
     * @param owner told once, on a thread of its own, of an error that has reached the loop; called again every second
     *        as long as it throws something itself
     */
    public GuardedLoop(String name, IoHandlerFactory io, Consumer<Throwable> owner) {
        this.owner = owner;
        watcher = new Thread(this::watch, name + "-watcher");
        watcher.setDaemon(true);
        group = new Group(name, io);
        watcher.start();
    }

    /** The loop. */
    public IoEventLoop loop() {
        return group.only;
    }

    /** Ends the loop, closes everything on it, and waits for that. */
    public void close() {
        closed = true;
        LockSupport.unpark(watcher);
        group.shutdownGracefully(0, STOP_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(2 * STOP_SECONDS, TimeUnit.SECONDS);
    }

    private void watch() {
        while (failure == null) {
            if (closed) {
                return;
            }
            LockSupport.park(this);
        }
        while (true) {
            try {
                owner.accept(failure);
                return;
            } catch (Throwable e) {
                complain(e);
                LockSupport.parkNanos(RETRY_NANOS);
            }
        }
    }

    private static void complain(Throwable e) {
        try {
            LOG.error("Cannot replace a failed event loop; trying again in a second", e);
        } catch (Throwable another) {
            // No memory even for that.
        }
    }

    /** Must neither throw nor need memory. */
    private void fail(Throwable e) {
        if (failure == null) {
            failure = e;
            LockSupport.unpark(watcher);
        }
    }

    /** The one loop, in the group that Netty wants it in. */
    private final class Group extends MultiThreadIoEventLoopGroup {

        private IoEventLoop only;

        Group(String name, IoHandlerFactory io) {
            super(1, new DefaultThreadFactory(name, true), io);
        }

        @Override
        protected IoEventLoop newChild(Executor executor, IoHandlerFactory io, Object... arguments) {
            only = new Loop(this, executor, new Factory(io, GuardedLoop.this));
            return only;
        }
    }

    private record Factory(IoHandlerFactory netty, GuardedLoop guarded) implements IoHandlerFactory {

        @Override
        public IoHandler newHandler(ThreadAwareExecutor executor) {
            return guarded.new Handler(netty.newHandler(executor));
        }

        @Override
        public boolean isChangingThreadSupported() {
            return netty.isChangingThreadSupported();
        }
    }

    /** Continues after each exception, and inspects exceptions of tasks that Netty would only log. */
    private final class Loop extends SingleThreadIoEventLoop {

        Loop(Group parent, Executor executor, IoHandlerFactory io) {
            super(parent, executor, io);
        }

        @Override
        protected void run() {
            while (true) {
                try {
                    super.run();
                    return;
                } catch (Throwable e) {
                    fail(e);
                }
            }
        }

        private Runnable guarded(Runnable task) {
            return () -> {
                try {
                    task.run();
                } catch (VirtualMachineError e) {
                    fail(e);
                    throw e;
                }
            };
        }

        @Override
        public void execute(Runnable task) {
            super.execute(guarded(task));
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            return super.schedule(guarded(task), delay, unit);
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, long delay, long period, TimeUnit unit) {
            return super.scheduleAtFixedRate(guarded(task), delay, period, unit);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, long delay, long pause, TimeUnit unit) {
            return super.scheduleWithFixedDelay(guarded(task), delay, pause, unit);
        }
    }

    /** Waits for sockets, until the first error. */
    private final class Handler extends ForwardingIoHandler {

        private boolean initialized;

        Handler(IoHandler netty) {
            super(netty);
        }

        @Override
        public void initialize() {
            // Again, if the loop's thread begins again.
            if (!initialized) {
                initialized = true;
                netty.initialize();
            }
        }

        @Override
        public int run(IoHandlerContext context) {
            if (failure != null) {
                if (context.canBlock()) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
                return 0;
            }
            return netty.run(context);
        }
    }
}
