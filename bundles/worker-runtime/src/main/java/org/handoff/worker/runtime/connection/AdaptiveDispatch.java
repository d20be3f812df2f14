package org.handoff.worker.runtime.connection;

import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.handoff.http.loop.SharedLoop;
import org.handoff.worker.protocol.Dispatch;
import org.handoff.worker.protocol.FrameType;

/**
 * Decides which connections go to other workers between two requests: all of them while handlers are slow, so that no
 * request waits behind one while another worker is free; otherwise as many as the monitor wants, so that all workers
 * have their share. On the event loop only.
 */
final class AdaptiveDispatch {

    /**
     * A handler that runs for this time is slow: giving a connection away and getting it back costs a fraction of it.
     */
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(SharedLoop.SLOW_MILLIS);

    /** The room for connections, as told to the monitor. */
    private enum Room {
        /** There is room for any number. */
        ANY,
        /** There is room for one. */
        ONE,
        /** There is none: a FREE or QUICK is due as soon as the handlers' thread is idle. */
        NONE
    }

    private final SharedLoop loop;
    private final HandlerThread handlers;
    private final Dispatch dispatch;
    private final Consumer<FrameType> send;
    private final BooleanSupplier others;
    private final Runnable giveAway;
    private volatile Room room;
    /** The number of connections that the monitor wants for other workers. */
    private int wanted;
    /** Whether the running time of handlers is looked at again in a moment. */
    private boolean watching;
    /** Whether a look at the handlers' thread is due in this turn of the loop. */
    private boolean checking;

    /**
     * @param send sends a frame to the monitor
     * @param others whether there are connections but the one whose handler runs
     * @param giveAway releases all connections that can go
     */
    AdaptiveDispatch(
            HandlerThread handlers,
            Dispatch dispatch,
            Consumer<FrameType> send,
            BooleanSupplier others,
            Runnable giveAway) {
        loop = handlers.loop();
        this.handlers = handlers;
        this.dispatch = dispatch;
        this.send = send;
        this.others = others;
        this.giveAway = giveAway;
        room = dispatch == Dispatch.REQUEST ? Room.ONE : Room.ANY;
    }

    /** Whether connections are given away after each response. Any thread. */
    boolean oneAtATime() {
        return room != Room.ANY;
    }

    /** The monitor wants this number of connections for other workers, instead of the number that it wanted before. */
    void wanted(int connections) {
        wanted = connections;
    }

    /** Whether a connection whose response is complete goes. */
    boolean goes() {
        if (oneAtATime() || wanted == 0) {
            return oneAtATime();
        }
        wanted--;
        return true;
    }

    /** A connection has come, and was looked at: in return the monitor is told of room for another. */
    void owe() {
        if (room == Room.ONE) {
            room = Room.NONE;
        }
        idle();
    }

    /** A request is complete and waits for its handler. A watched loop tells of a slow handler itself. */
    void complete() {
        if (dispatch != Dispatch.CONNECTION && !watching && !loop.isWatched()) {
            watching = true;
            loop.schedule(this::watch, SLOW_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    /** The loop is not watched any more: a handler is slow, or may become so. */
    void unwatched() {
        if (dispatch != Dispatch.CONNECTION && !watching) {
            watch();
        }
    }

    private void watch() {
        if (handlers.runningNanos() >= SLOW_NANOS && others.getAsBoolean()) {
            if (room == Room.ANY) {
                room = Room.NONE;
                send.accept(FrameType.SLOW);
                // The handler may have ended meanwhile, when there was no need to say so.
                idle();
            }
            giveAway.run();
        }
        watching = !handlers.isIdle();
        if (watching) {
            loop.schedule(this::watch, SLOW_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    /** The handlers' thread may be idle: it is looked at after it was given the requests that have come. */
    void idle() {
        if (room == Room.NONE && !checking) {
            checking = true;
            loop.execute(this::check);
        }
    }

    private void check() {
        checking = false;
        if (room != Room.NONE || !handlers.isIdle()) {
            return;
        }
        if (dispatch == Dispatch.ADAPTIVE && handlers.areQuick()) {
            room = Room.ANY;
            send.accept(FrameType.QUICK);
        } else {
            room = Room.ONE;
            send.accept(FrameType.FREE);
        }
    }
}
