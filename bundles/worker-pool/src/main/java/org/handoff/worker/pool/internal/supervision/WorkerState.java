package org.handoff.worker.pool.internal.supervision;

/** The life of a worker; docs/worker-protocol.md says what a Java worker does in each state. */
public enum WorkerState {
    STARTING,
    ON,
    OFF,
    RETIRING,
    EXITED;

    boolean leadsTo(WorkerState next) {
        return switch (this) {
            case STARTING -> next == ON || next == RETIRING || next == EXITED;
            case ON -> next == OFF || next == RETIRING || next == EXITED;
            case OFF -> next == ON || next == RETIRING || next == EXITED;
            case RETIRING -> next == EXITED;
            case EXITED -> false;
        };
    }
}
