package org.handoff.worker.protocol;

/**
 * The frame {@link FrameType#SPILL}: bytes of a connection are in the file whose descriptor comes along, in place of
 * any former one.
 *
 * @param slot the connection's index in the scoreboard
 * @param connection its id
 * @param start the position of the file's first byte, 0 or more
 */
public record Spill(int slot, long connection, long start) {

    /**
     * Reads a frame of that type.
     *
     * @throws ProtocolException if the file begins before the connection
     */
    public static Spill of(Frame frame) throws ProtocolException {
        if (frame.position() < 0) {
            throw new ProtocolException("a file with bytes before the connection's first: " + frame);
        }
        return new Spill(frame.slot(), frame.connection(), frame.position());
    }

    /** The frame. */
    public Frame frame() {
        return new Frame(FrameType.SPILL, 0, slot, connection, start, Frame.NOTHING);
    }

    /** The answer of a monitor that has not received the file. */
    public NoSpill noFile() {
        return new NoSpill(slot, connection, start);
    }
}
