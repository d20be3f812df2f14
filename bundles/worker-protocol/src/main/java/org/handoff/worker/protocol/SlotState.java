package org.handoff.worker.protocol;

/** The progress of a connection's request, by its slot in the scoreboard. The order is the one on the wire. */
public enum SlotState {

    /** The worker has not looked at the connection. */
    UNTAKEN,
    /** No byte of a request was read. */
    IDLE,
    /** A part of a request was read. */
    READING,
    /** The handler is running and nothing of the response has left. */
    HANDLING,
    /** A part of the response has left. */
    ANSWERING;

    private static final SlotState[] VALUES = values();

    /** The state with this number; an unknown number counts as {@link #ANSWERING}, which promises nothing. */
    static SlotState of(int number) {
        return number >= 0 && number < VALUES.length ? VALUES[number] : ANSWERING;
    }
}
