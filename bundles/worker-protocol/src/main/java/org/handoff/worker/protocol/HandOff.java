package org.handoff.worker.protocol;

import java.nio.ByteBuffer;

/**
 * The frame {@link FrameType#CONNECTION}: a connection for the worker, whose descriptor comes along.
 *
 * @param slot its index in the scoreboard
 * @param connection its id
 * @param position the number of the client's bytes that were read, those of {@code received} included; {@link
 *        Frame#UNKNOWN} if unknown
 * @param behindFile whether its request begins in the file of the {@link Spilled} before
 * @param received the bytes that were read and not used, position to limit; of a received frame valid until the
 *        listener returns
 */
public record HandOff(int slot, long connection, long position, boolean behindFile, ByteBuffer received) {

    private static final int BEHIND_FILE = 1;

    /** Reads a frame of that type. */
    public static HandOff of(Frame frame) {
        return new HandOff(
                frame.slot(), frame.connection(), frame.position(), frame.flags() == BEHIND_FILE, frame.payload());
    }

    /** The frame. */
    public Frame frame() {
        return new Frame(FrameType.CONNECTION, behindFile ? BEHIND_FILE : 0, slot, connection, position, received);
    }
}
