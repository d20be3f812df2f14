package org.handoff.worker.runtime.connection;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import io.netty.channel.EventLoop;
import org.handoff.worker.protocol.Dispatch;
import org.handoff.worker.protocol.FrameType;

/**
 * Decides which connections go to other workers between two requests: all of them while handlers are slow, so that no
 * request waits behind one while another worker is free; else as many as the monitor wants, so that all workers have
 * their share. On the event loop only.
 */
final class AdaptiveDispatch {

    /** A handler that runs for so long is slow: to give a connection away and get it again costs a fraction of it. */
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Handlers that take so long, on the average, are quick again. */
    private static final long QUICK_NANOS = SLOW_NANOS / 2;

    private final EventLoop loop;
    private final HandlerThread handlers;
    private final Dispatch dispatch;
    private final Consumer<FrameType> send;
    private final BooleanSupplier others;
    private final Runnable giveAway;
    private volatile boolean oneAtATime;
    /** The monitor has been told that there is no room, or has used what there was. */
    private boolean owed;
    /** So many connections the monitor wants for other workers. */
    private int wanted;

    private boolean watching;
    private boolean checking;

    /**
     * @param send sends a frame to the monitor
     * @param others whether there are connections but the one whose handler runs
     * @param giveAway releases all connections that can go
     */
    AdaptiveDispatch(
            EventLoop loop,
            HandlerThread handlers,
            Dispatch dispatch,
            Consumer<FrameType> send,
            BooleanSupplier others,
            Runnable giveAway) {
        this.loop = loop;
        this.handlers = handlers;
        this.dispatch = dispatch;
        this.send = send;
        this.others = others;
        this.giveAway = giveAway;
        this.oneAtATime = dispatch == Dispatch.REQUEST;
    }

    /** Whether connections are given away after each response. Any thread. */
    boolean oneAtATime() {
        return oneAtATime;
    }

    /** The monitor wants so many connections for other workers; in place of what it wanted before. */
    void wanted(int connections) {
        wanted = connections;
    }

    /** Whether a connection goes, whose response is complete. */
    boolean goes() {
        if (oneAtATime || wanted == 0) {
            return oneAtATime;
        }
        wanted--;
        return true;
    }

    /** A connection has come, and was looked at: in return the monitor is told when there is room for another. */
    void owe() {
        owed = true;
        idle();
    }

    /** A request is complete and waits for its handler. */
    void complete() {
        if (dispatch != Dispatch.CONNECTION && !watching) {
            watching = true;
            loop.schedule(this::watch, SLOW_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    private void watch() {
        if (handlers.runningNanos() >= SLOW_NANOS && others.getAsBoolean()) {
            if (!oneAtATime) {
                oneAtATime = true;
                owed = true;
                send.accept(FrameType.SLOW);
                // The handler may have ended meanwhile, and not have said so to one who was not to be told.
                idle();
            }
            giveAway.run();
        }
        watching = !handlers.isIdle();
        if (watching) {
            loop.schedule(this::watch, SLOW_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    /** The handlers' thread may be idle: that is looked at once the requests that have come have been given to it. */
    void idle() {
        if (oneAtATime && owed && !checking) {
            checking = true;
            loop.execute(this::check);
        }
    }

    private void check() {
        checking = false;
        if (!oneAtATime || !owed || !handlers.isIdle()) {
            return;
        }
        owed = false;
        if (dispatch == Dispatch.ADAPTIVE && handlers.averageNanos() < QUICK_NANOS) {
            oneAtATime = false;
            send.accept(FrameType.QUICK);
        } else {
            send.accept(FrameType.FREE);
        }
    }
}
