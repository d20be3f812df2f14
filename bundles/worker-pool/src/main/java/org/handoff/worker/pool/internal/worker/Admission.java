package org.handoff.worker.pool.internal.worker;

import java.util.concurrent.TimeUnit;

import org.handoff.worker.protocol.Dispatch;

/**
 * Whether a worker may be given one more connection, by what is known of its handlers and its descriptors. On the event
 * loop only.
 */
final class Admission {

    /** The number of connections that the worker takes now. */
    private enum Room {
        ANY,
        /** One, and the next after FREE: the worker's handlers are slow, or it dispatches by request. */
        ONE,
        NONE
    }

    /** How long a lack of descriptors counts: it mostly lasts longer than the moment in which it was noticed. */
    private static final long SHORT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final boolean byRequest;
    private Room room;
    /** Whether the worker had no descriptor for a connection a moment ago. */
    private boolean exhausted;
    /** When it was exhausted last; null for never. */
    private Long exhaustedAt;
    /** The connection whose request takes too long, or 0; while there is one, the worker gets no other. */
    private long late;

    Admission(Dispatch dispatch) {
        byRequest = dispatch == Dispatch.REQUEST;
        room = byRequest ? Room.ONE : Room.ANY;
    }

    boolean isOpen() {
        return !exhausted && late == 0 && room != Room.NONE;
    }

    /** Whether the worker takes any number of connections, with or without a request. */
    boolean keepsConnections() {
        return room == Room.ANY;
    }

    /** The worker was given a connection. */
    void taken() {
        if (room == Room.ONE) {
            room = Room.NONE;
        }
    }

    /** The worker takes another connection. */
    void freed() {
        if (room == Room.NONE) {
            room = Room.ONE;
        }
    }

    /** The worker's handlers are slow: it takes one connection at a time. */
    void slow() {
        room = Room.NONE;
    }

    /** The worker's handlers are no longer slow. */
    void quick() {
        if (!byRequest) {
            room = Room.ANY;
        }
    }

    /** The worker has no descriptor for a connection, or has some again. */
    void exhausted(boolean is) {
        exhausted = is;
        exhaustedAt = System.nanoTime();
    }

    /** Whether the worker has been short of descriptors lately. */
    boolean isShort() {
        return exhaustedAt != null && System.nanoTime() - exhaustedAt < SHORT_NANOS;
    }

    /** The request of this connection takes too long; 0 for none. */
    void late(long connection) {
        late = connection;
    }

    long late() {
        return late;
    }
}
