package org.handoff.worker.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.handoff.worker.protocol.log.LogLevels;

/**
 * One frame: a packet on the control socket. A type with more than a name has a class of its own to read and make it,
 * such as {@link HandOff}.
 *
 * @param type its meaning
 * @param flags 0 unless the type defines some
 * @param slot the connection's index in the scoreboard, or 0
 * @param connection the connection's id, or 0
 * @param position the number of the client's bytes that all processes have read from the connection since it began,
 *        those in the payload included; {@link #UNKNOWN} if unknown, 0 if the frame is about no connection
 * @param payload the rest, from position to limit. Of a received frame it is valid until the listener returns
 */
public record Frame(FrameType type, int flags, int slot, long connection, long position, ByteBuffer payload) {

    /** The version this code speaks. */
    public static final int VERSION = 1;

    /** The largest number of bytes of a payload. */
    public static final int MAX_PAYLOAD = 128 * 1024;

    /** The position of a connection whose bytes were not counted. */
    public static final long UNKNOWN = -1;

    static final int HEADER = 24;

    /** The largest number of bytes of a packet. */
    static final int MAX_PACKET = HEADER + MAX_PAYLOAD;

    static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** A frame that is about no connection and has no payload. */
    public static Frame of(FrameType type) {
        return of(type, NOTHING);
    }

    /** The frame {@link FrameType#LOG_LEVELS}. */
    public static Frame of(LogLevels levels) {
        return of(FrameType.LOG_LEVELS, StandardCharsets.UTF_8.encode(levels.text()));
    }

    /**
     * Reads the payload of {@link FrameType#LOG_LEVELS}.
     *
     * @throws ProtocolException if it is not as docs/worker-protocol.md says
     */
    public LogLevels logLevels() throws ProtocolException {
        try {
            return LogLevels.parse(
                    StandardCharsets.UTF_8.decode(payload.duplicate()).toString());
        } catch (IllegalArgumentException e) {
            throw new ProtocolException("LOG_LEVELS: " + e.getMessage());
        }
    }

    /** A frame that is about no connection. */
    static Frame of(FrameType type, ByteBuffer payload) {
        return new Frame(type, 0, 0, 0, 0, payload);
    }

    /** Writes the frame as a packet; the payload keeps its position. */
    void writeTo(ByteBuffer packet) {
        if (payload.remaining() > MAX_PAYLOAD) {
            throw new IllegalArgumentException(
                    "a payload of " + payload.remaining() + " bytes; " + MAX_PAYLOAD + " is the most a frame carries");
        }
        packet.put((byte) VERSION)
                .put(type.code)
                .putShort((short) flags)
                .putInt(slot)
                .putLong(connection)
                .putLong(position);
        packet.put(payload.duplicate());
    }

    /** Reads a packet, position to limit. */
    static Frame readFrom(ByteBuffer packet) throws ProtocolException {
        if (packet.remaining() < HEADER) {
            throw new ProtocolException("a frame of " + packet.remaining() + " bytes; a header has " + HEADER);
        }
        if (packet.remaining() > MAX_PACKET) {
            throw new ProtocolException("a frame of more than " + MAX_PACKET + " bytes, which is the most one has");
        }
        int version = packet.get() & 0xff;
        if (version != VERSION) {
            throw new ProtocolException("a frame of version " + version + "; this side speaks " + VERSION);
        }
        FrameType type = FrameType.of(packet.get());
        int flags = packet.getShort() & 0xffff;
        return new Frame(type, flags, packet.getInt(), packet.getLong(), packet.getLong(), packet);
    }

    @Override
    public String toString() {
        return type + "[flags=" + flags + ", slot=" + slot + ", connection=" + connection + ", position=" + position
                + ", payload=" + payload.remaining() + " bytes]";
    }
}
