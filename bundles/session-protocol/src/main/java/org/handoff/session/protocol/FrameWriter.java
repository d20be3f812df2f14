package org.handoff.session.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Map;
import java.util.Set;

/** Makes one frame, part by part. */
final class FrameWriter {

    private final Bytes bytes = new Bytes();
    private final DataOutputStream out = new DataOutputStream(bytes);

    /** Gives its array away without a copy. */
    private static final class Bytes extends ByteArrayOutputStream {

        private ByteBuffer buffer() {
            return ByteBuffer.wrap(buf, 0, count);
        }
    }

    /** A part; nothing fails in memory. */
    @FunctionalInterface
    private interface Part {

        void write() throws IOException;
    }

    private FrameWriter put(Part part) {
        try {
            part.write();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins the frame, whose length is not known yet. */
    FrameWriter type(int type) {
        return put(() -> out.writeInt(0)).put(() -> out.writeByte(type));
    }

    FrameWriter flag(boolean set) {
        return put(() -> out.writeByte(set ? 1 : 0));
    }

    FrameWriter number16(int number) {
        return put(() -> out.writeShort(number));
    }

    FrameWriter number32(int number) {
        return put(() -> out.writeInt(number));
    }

    FrameWriter number64(long number) {
        return put(() -> out.writeLong(number));
    }

    FrameWriter id(String id) {
        byte[] text = encoded("an id", id, Frames.MOST_ID);
        if (!FrameContent.isId(text)) {
            throw new IllegalArgumentException(
                    "an id of other than 1 to " + Frames.MOST_ID + " visible ASCII characters");
        }
        return number16(text.length).put(() -> out.write(text));
    }

    FrameWriter names(Set<String> names) {
        number32(names.size());
        names.forEach(this::name);
        return this;
    }

    FrameWriter attributes(Map<String, byte[]> attributes) {
        number32(attributes.size());
        attributes.forEach((name, value) -> name(name).number32(value.length).put(() -> out.write(value)));
        return this;
    }

    FrameWriter reason(String reason) {
        byte[] text = reason.getBytes(UTF_8);
        int length = Math.min(text.length, Frames.MOST_REASON);
        return number16(length).put(() -> out.write(text, 0, length));
    }

    private FrameWriter name(String name) {
        byte[] text = encodedName(name);
        return number16(text.length).put(() -> out.write(text));
    }

    /** A name in bytes. @throws IllegalArgumentException if it is not possible */
    static byte[] encodedName(String name) {
        return encoded("a name of an attribute", name, Frames.MOST_NAME);
    }

    private static byte[] encoded(String what, String text, int most) {
        try {
            ByteBuffer encoded = UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            if (encoded.remaining() <= most) {
                byte[] bytes = new byte[encoded.remaining()];
                encoded.get(bytes);
                return bytes;
            }
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(what + " that UTF-8 cannot encode", e);
        }
        throw new IllegalArgumentException(what + " of more than " + most + " bytes");
    }

    ByteBuffer frame() {
        ByteBuffer frame = bytes.buffer();
        return frame.putInt(0, frame.limit() - Frames.LENGTH);
    }
}
