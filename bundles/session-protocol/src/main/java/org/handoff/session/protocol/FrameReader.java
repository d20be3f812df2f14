package org.handoff.session.protocol;

import java.nio.ByteBuffer;

/**
 * Finds frames in a stream, one after the other. Memory is taken for bytes that have come, not for those that a frame's
 * length announces. On one thread.
 */
public final class FrameReader {

    private static final int FIRST = 512;

    private int most;
    private final ByteBuffer length = ByteBuffer.allocate(Frames.LENGTH);
    /** The announced bytes of the present frame; -1 while its length is incomplete. */
    private int announced = -1;

    private ByteBuffer collected;

    /** @param most bytes of a frame after its length */
    public FrameReader(int most) {
        this.most = most;
    }

    /** Changes the bound, from the next frame on. */
    public void most(int bytes) {
        most = bytes;
    }

    /** Whether a frame has begun and is incomplete. */
    public boolean isWithin() {
        return length.position() > 0;
    }

    /** The memory for the present frame, in bytes. */
    public int collected() {
        return collected == null ? 0 : collected.capacity();
    }

    /**
     * Reads on, to the end of the present frame at most.
     *
     * @return the frame after its length, valid until the bytes of {@code in} change; null if it is not complete
     * @throws MalformedFrameException if its length is not possible
     */
    public ByteBuffer read(ByteBuffer in) throws MalformedFrameException {
        if (announced < 0 && !readLength(in)) {
            return null;
        }
        ByteBuffer frame;
        if (collected == null && in.remaining() >= announced) {
            frame = in.slice(in.position(), announced);
            in.position(in.position() + announced);
        } else {
            collect(in);
            if (collected.position() < announced) {
                return null;
            }
            frame = collected.flip();
        }
        collected = null;
        announced = -1;
        length.clear();
        return frame;
    }

    private boolean readLength(ByteBuffer in) throws MalformedFrameException {
        while (length.hasRemaining() && in.hasRemaining()) {
            length.put(in.get());
        }
        if (length.hasRemaining()) {
            return false;
        }
        int bytes = length.getInt(0);
        if (bytes < 1 || bytes > most) {
            throw new MalformedFrameException(
                    "a frame of " + Integer.toUnsignedString(bytes) + " bytes; " + most + " is the most");
        }
        announced = bytes;
        return true;
    }

    private void collect(ByteBuffer in) {
        int before = collected == null ? 0 : collected.position();
        int count = Math.min(in.remaining(), announced - before);
        if (collected == null || collected.remaining() < count) {
            long wanted = Math.max(FIRST, 2L * (before + count));
            ByteBuffer larger = ByteBuffer.allocate((int) Math.min(announced, wanted));
            if (collected != null) {
                larger.put(collected.flip());
            }
            collected = larger;
        }
        collected.put(in.slice(in.position(), count));
        in.position(in.position() + count);
    }
}
