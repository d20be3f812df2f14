package org.handoff.worker.protocol;

/** How far a connection's request is, as its slot in the scoreboard says. The order is the one on the wire. */
public enum SlotState {

    /** The worker has not looked at the connection. */
    UNTAKEN,
    /** Nothing of a request was read. */
    IDLE,
    /** A part of a request was read. */
    READING,
    /** The handler is running and nothing of the response has left. */
    HANDLING,
    /** A part of the response has left. */
    ANSWERING;

    private static final SlotState[] VALUES = values();

    /** The state with this number; one that no state has counts as {@link #ANSWERING}, about which nothing is sure. */
    static SlotState of(int number) {
        return number >= 0 && number < VALUES.length ? VALUES[number] : ANSWERING;
    }
}
