package org.handoff.worker.protocol;

import java.nio.ByteBuffer;

/**
 * The frame {@link FrameType#GIVE_BACK}: a connection is the monitor's again.
 *
 * @param slot its index in the scoreboard
 * @param connection its id
 * @param reason the reason
 * @param position the number of the client's bytes that were read, the unused ones included; {@link Frame#UNKNOWN} if
 *        unknown
 * @param request the position of the next request's first byte, which is in the file that the monitor has of the
 *        connection; {@link Frame#UNKNOWN} if no part of that request is in a file
 * @param unused the bytes that were read and not used, without those in the file, position to limit; of a received
 *        frame valid until the listener returns
 */
public record GiveBack(
        int slot, long connection, GiveBackReason reason, long position, long request, ByteBuffer unused) {

    private static final int IN_FILE = 256;

    /** A connection whose next request has no part in a file. */
    public GiveBack(int slot, long connection, GiveBackReason reason, long position, ByteBuffer unused) {
        this(slot, connection, reason, position, Frame.UNKNOWN, unused);
    }

    /**
     * Reads a frame of that type.
     *
     * @throws ProtocolException if it names no reason, or no place of the request in the file
     */
    public static GiveBack of(Frame frame) throws ProtocolException {
        GiveBackReason reason = GiveBackReason.of(frame.flags() & ~IN_FILE, frame);
        ByteBuffer unused = frame.payload().slice();
        long request = Frame.UNKNOWN;
        if ((frame.flags() & IN_FILE) != 0) {
            if (unused.remaining() < Long.BYTES) {
                throw new ProtocolException(frame + " does not say where the request begins");
            }
            request = unused.getLong();
            if (request < 0) {
                throw new ProtocolException(frame + " says that the request begins at " + request);
            }
        }
        return new GiveBack(frame.slot(), frame.connection(), reason, frame.position(), request, unused);
    }

    /** Whether the next request begins in the file that the monitor has of the connection. */
    public boolean isInFile() {
        return request != Frame.UNKNOWN;
    }

    /** The position of the first unused byte that is in no file. */
    public long first() {
        return position - unused.remaining();
    }

    /** The frame. */
    public Frame frame() {
        if (!isInFile()) {
            return new Frame(FrameType.GIVE_BACK, reason.flags(), slot, connection, position, unused);
        }
        ByteBuffer payload = ByteBuffer.allocate(Long.BYTES + unused.remaining());
        payload.putLong(request).put(unused.duplicate()).flip();
        return new Frame(FrameType.GIVE_BACK, reason.flags() | IN_FILE, slot, connection, position, payload);
    }
}
