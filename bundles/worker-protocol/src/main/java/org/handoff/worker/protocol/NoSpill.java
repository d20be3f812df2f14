package org.handoff.worker.protocol;

/**
 * The frame {@link FrameType#NO_SPILL}: the file of a {@link Spill} did not arrive.
 *
 * @param slot as in the {@code Spill}
 * @param connection as there
 * @param start as there
 */
public record NoSpill(int slot, long connection, long start) {

    /** Reads a frame of that type. */
    public static NoSpill of(Frame frame) {
        return new NoSpill(frame.slot(), frame.connection(), frame.position());
    }

    /** The frame. */
    public Frame frame() {
        return new Frame(FrameType.NO_SPILL, 0, slot, connection, start, Frame.NOTHING);
    }
}
