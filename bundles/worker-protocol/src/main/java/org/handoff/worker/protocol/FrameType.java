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
    ELSEWHERE(5),
    /** From a worker: connections may come. */
    READY(65),
    /** From a worker: the connection is the monitor's again. */
    GIVE_BACK(66);

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
