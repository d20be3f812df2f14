package org.handoff.worker.protocol;

import java.nio.ByteBuffer;

/**
 * The frame {@link FrameType#TAIL}: the unwritten bytes of a response are in the file whose descriptor comes along. A
 * byte's count is the number of bytes that all processes had written to the connection before it.
 *
 * @param slot the connection's index in the scoreboard
 * @param connection its id
 * @param keeps whether the connection is kept after the response
 * @param start the place in the file of the byte of count {@code origin}; 0 for a ring
 * @param origin the count of the first byte in the file; negative if the file begins before the connection
 * @param capacity the size of the file's ring: the byte of a count is at (count - origin) modulo this; {@link #NO_RING}
 *        if it is at start + count - origin
 * @param end the count after the response's last byte
 * @param before bytes that come directly before {@code origin}, position to limit; of a received frame valid until the
 *        listener returns
 */
public record UnwrittenTail(
        int slot, long connection, boolean keeps, long start, long origin, long capacity, long end, ByteBuffer before) {

    /** The capacity of a file that is no ring. */
    public static final long NO_RING = -1;

    /** The most bytes that may come before {@code origin}. */
    public static final int MAX_BEFORE = 16 * 1024;

    /** No count is near this: none overflows when two are added. */
    private static final long MOST = Long.MAX_VALUE / 4;

    private static final int KEEPS = 1;
    /** A fourth number says where in the file the bytes begin. */
    private static final int STARTS = 2;

    private static final int NUMBERS = 3 * Long.BYTES;

    /** The frame that says so. */
    public Frame frame() {
        boolean starts = start != 0;
        ByteBuffer payload = ByteBuffer.allocate(NUMBERS + (starts ? Long.BYTES : 0) + before.remaining());
        payload.putLong(origin).putLong(capacity).putLong(end);
        if (starts) {
            payload.putLong(start);
        }
        payload.put(before.duplicate()).flip();
        return new Frame(FrameType.TAIL, (keeps ? KEEPS : 0) | (starts ? STARTS : 0), slot, connection, 0, payload);
    }

    /**
     * Reads what a frame of that type says.
     *
     * @throws ProtocolException if it is too short or a number is impossible
     */
    public static UnwrittenTail of(Frame frame) throws ProtocolException {
        ByteBuffer payload = frame.payload().duplicate();
        boolean starts = (frame.flags() & STARTS) != 0;
        int numbers = NUMBERS + (starts ? Long.BYTES : 0);
        if (payload.remaining() < numbers
                || payload.remaining() > numbers + MAX_BEFORE
                || (frame.flags() & ~(KEEPS | STARTS)) != 0) {
            throw new ProtocolException("not three numbers and at most " + MAX_BEFORE + " bytes, or another flag than "
                    + KEEPS + " and " + STARTS + ": " + frame);
        }
        long origin = payload.getLong();
        long capacity = payload.getLong();
        long end = payload.getLong();
        long start = starts ? payload.getLong() : 0;
        if (origin < -MOST
                || end < 0
                || end > MOST
                || origin > end
                || start < 0
                || start > MOST
                || start > 0 && capacity != NO_RING
                || capacity != NO_RING && (capacity <= 0 || capacity > MOST)) {
            throw new ProtocolException("impossible: origin " + origin + ", capacity " + capacity + ", end " + end
                    + ", start " + start + " in " + frame);
        }
        return new UnwrittenTail(
                frame.slot(), frame.connection(), (frame.flags() & KEEPS) != 0, start, origin, capacity, end, payload);
    }

    /** The same, with a copy of what of a received frame is valid for a moment only. */
    public UnwrittenTail kept() {
        ByteBuffer copy = ByteBuffer.allocate(before.remaining()).put(before.duplicate());
        return new UnwrittenTail(slot, connection, keeps, start, origin, capacity, end, copy.flip());
    }
}
