package org.handoff.worker.protocol;

/**
 * The frame {@link FrameType#NO_FILE}: the file of an {@link Overflow} did not arrive.
 *
 * @param slot as in the {@code Overflow}
 * @param connection as there
 * @param start as there
 */
public record NoFile(int slot, long connection, long start) {

    /** Reads a frame of that type. */
    public static NoFile of(Frame frame) {
        return new NoFile(frame.slot(), frame.connection(), frame.position());
    }

    /** The frame that says so. */
    public Frame frame() {
        return new Frame(FrameType.NO_FILE, 0, slot, connection, start, Frame.NOTHING);
    }
}
