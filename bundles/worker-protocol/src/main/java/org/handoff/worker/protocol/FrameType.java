package org.handoff.worker.protocol;

/** The types of frames. */
public enum FrameType {

    /** To a worker: serve this connection, whose descriptor comes along. */
    CONNECTION(1),
    /** To a worker: take no further request, give back every connection, stay alive. */
    OFF(2),
    /** To a worker: serve again. */
    ON(3),
    /** To a worker: as {@link #OFF}, then exit. */
    RETIRE(4),
    /** To a worker: the contexts of other targets, whose requests are foreign. */
    FOREIGN_CONTEXTS(5),
    /** To a worker: answer with {@link #PONG}. */
    PING(6),
    /** To a worker: write the stacks of all threads. */
    DUMP(7),
    /** To a worker: a file with bytes that come before those of the {@link #CONNECTION} which is the next frame. */
    SPILLED(8),
    /** To a worker: the file of a {@link #SPILL} did not arrive. */
    NO_SPILL(9),
    /**
     * To a worker: give back this number of connections, each after its next response; in place of an earlier number.
     */
    YIELD(10),
    /** To a Java worker: the levels of its loggers, in place of the present ones. */
    LOG_LEVELS(11),
    /** To a Java worker: say what its framework contains. */
    INSPECT(12),
    /** From a worker: connections may come. */
    READY(65),
    /** From a worker: the connection is the monitor's again. */
    GIVE_BACK(66),
    /** From a worker: the answer to {@link #PING}. */
    PONG(67),
    /** From a worker: the dump for {@link #DUMP} was written. */
    DUMPED(68),
    /** From a worker: its handler is free for another request. */
    FREE(69),
    /** From a worker: its handlers take long, so it takes one request at a time, and says {@link #FREE} for each. */
    SLOW(70),
    /** From a worker: its handlers are quick, so it keeps connections and takes any number. */
    QUICK(71),
    /**
     * From a worker: it begins no further request, as it has begun all that it may, or no other worker takes its place.
     */
    QUOTA_REACHED(72),
    /** From a worker: the file with the bytes of a request for which the slot's journal has no room. */
    SPILL(73),
    /**
     * From a worker: the unwritten bytes of a response whose handler is done are in the file whose descriptor comes
     * along.
     */
    TAIL(74),
    /** From a worker: SIGTERM came, and it goes on until {@link #RETIRE} says that another worker takes its place. */
    LEAVING(75),
    /** From a Java worker: the answer to {@link #INSPECT}, or a part of it. */
    INSPECTED(76);

    final byte code;

    FrameType(int code) {
        this.code = (byte) code;
    }

    static FrameType of(byte code) throws ProtocolException {
        for (FrameType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new ProtocolException("unknown frame type " + (code & 0xff));
    }
}
