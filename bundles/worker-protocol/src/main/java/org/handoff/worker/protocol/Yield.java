package org.handoff.worker.protocol;

/**
 * The frame {@link FrameType#YIELD}: the worker is to give connections back, each behind its next response.
 *
 * @param connections how many, in place of any former number; 0 to 65,535
 */
public record Yield(int connections) {

    /** Reads a frame of that type. */
    public static Yield of(Frame frame) {
        return new Yield(frame.flags());
    }

    /** The frame that says so. */
    public Frame frame() {
        return new Frame(FrameType.YIELD, connections, 0, 0, 0, Frame.NOTHING);
    }
}
