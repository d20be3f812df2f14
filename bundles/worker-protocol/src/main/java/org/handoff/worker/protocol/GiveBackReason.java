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

    /** The number that stands in the frame, maybe with {@link Frame#OVERFLOWN}. */
    public int flags() {
        return flags;
    }

    /**
     * The reason that a frame names.
     *
     * @throws ProtocolException if its flags name none
     */
    public static GiveBackReason of(Frame frame) throws ProtocolException {
        for (GiveBackReason reason : values()) {
            if (reason.flags == (frame.flags() & ~Frame.OVERFLOWN)) {
                return reason;
            }
        }
        throw new ProtocolException("unknown reason in " + frame);
    }
}
