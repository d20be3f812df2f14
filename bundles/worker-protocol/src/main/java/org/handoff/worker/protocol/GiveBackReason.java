package org.handoff.worker.protocol;

/** Why a worker gives a connection back: the flags of {@link FrameType#GIVE_BACK}. */
public enum GiveBackReason {

    /** The worker was switched off or retires. */
    REQUESTED(1),
    /** Nothing came from the client for a while. */
    IDLE(2),
    /** The next request belongs to a context that this worker does not serve. */
    FOREIGN(3),
    /** The connection's descriptor did not arrive. */
    NOT_TAKEN(4),
    /** The worker takes one request at a time; this connection's next one is for whichever worker is free. */
    DISPATCH(5),
    /** The worker's system refuses what the connection needs to go on there. */
    FAILED(6);

    private final int flags;

    GiveBackReason(int flags) {
        this.flags = flags;
    }

    /** The number that stands in the frame. */
    int flags() {
        return flags;
    }

    /**
     * The reason of that number.
     *
     * @param frame where it stands, for the message
     * @throws ProtocolException if there is none
     */
    static GiveBackReason of(int flags, Frame frame) throws ProtocolException {
        for (GiveBackReason reason : values()) {
            if (reason.flags == flags) {
                return reason;
            }
        }
        throw new ProtocolException("unknown reason in " + frame);
    }
}
