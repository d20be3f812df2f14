package org.handoff.worker.pool.internal.worker;

import org.handoff.worker.protocol.Dispatch;

/**
 * Whether a worker may be given one more connection, as far as is known of how its handlers do and what its system
 * allows. On the event loop only.
 */
final class Admission {

    private final boolean byRequest;
    /** Its handlers are slow, or it dispatches by request: it takes a connection only while it is free. */
    private boolean oneAtATime;

    private boolean free = true;
    /** It had no descriptor for a connection a moment ago. */
    private boolean exhausted;
    /** The connection whose request takes too long, or 0; while there is one, no other comes to this worker. */
    private long late;

    Admission(Dispatch dispatch) {
        byRequest = dispatch == Dispatch.REQUEST;
        oneAtATime = byRequest;
    }

    boolean isOpen() {
        return !exhausted && late == 0 && (free || !oneAtATime);
    }

    /** Whether it takes any number of connections, whatever comes from them. */
    boolean keepsConnections() {
        return !oneAtATime;
    }

    /** It was given a connection. */
    void taken() {
        free = false;
    }

    /** It takes another connection. */
    void freed() {
        free = true;
    }

    /** Its handlers are slow: it takes one connection at a time. */
    void slow() {
        oneAtATime = true;
        free = false;
    }

    /** Its handlers are slow no more. */
    void quick() {
        oneAtATime = byRequest;
    }

    /** It has no descriptor for a connection, or has some again. */
    void exhausted(boolean is) {
        exhausted = is;
    }

    /** The request of that connection takes too long; of none, for 0. */
    void late(long connection) {
        late = connection;
    }

    long late() {
        return late;
    }
}
