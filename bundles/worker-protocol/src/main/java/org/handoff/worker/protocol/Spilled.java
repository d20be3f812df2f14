package org.handoff.worker.protocol;

import java.nio.ByteBuffer;

/**
 * The frame {@link FrameType#SPILLED}: the next {@link HandOff} is of this connection, and its request begins in the
 * file whose descriptor comes along.
 *
 * @param slot the connection's index in the scoreboard
 * @param connection its id
 * @param request the position of the request's first byte
 * @param offset the offset of that byte in the file
 */
public record Spilled(int slot, long connection, long request, long offset) {

    /**
     * Reads a frame of that type.
     *
     * @throws ProtocolException if its payload is no offset
     */
    public static Spilled of(Frame frame) throws ProtocolException {
        if (frame.payload().remaining() != Long.BYTES) {
            throw new ProtocolException("8 bytes say where a file's content begins, but " + frame + " came");
        }
        return new Spilled(
                frame.slot(),
                frame.connection(),
                frame.position(),
                frame.payload().getLong(frame.payload().position()));
    }

    /** The frame. */
    public Frame frame() {
        return new Frame(
                FrameType.SPILLED,
                0,
                slot,
                connection,
                request,
                ByteBuffer.allocate(Long.BYTES).putLong(0, offset));
    }
}
