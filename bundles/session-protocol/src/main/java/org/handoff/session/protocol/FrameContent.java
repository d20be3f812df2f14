package org.handoff.session.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The content of one frame, read part by part. Checks each length before it takes memory. */
final class FrameContent {

    private final ByteBuffer in;

    FrameContent(ByteBuffer frame) {
        in = frame;
    }

    static boolean isId(byte[] text) {
        for (byte b : text) {
            if (b <= ' ' || b > '~') {
                return false;
            }
        }
        return text.length > 0 && text.length <= Frames.MOST_ID;
    }

    int type() throws MalformedFrameException {
        has(Byte.BYTES);
        return in.get();
    }

    boolean flag() throws MalformedFrameException {
        int flag = type();
        if (flag != 0 && flag != 1) {
            throw new MalformedFrameException("the flag " + flag + " is neither 0 nor 1");
        }
        return flag == 1;
    }

    int number16() throws MalformedFrameException {
        has(Short.BYTES);
        return Short.toUnsignedInt(in.getShort());
    }

    int number32() throws MalformedFrameException {
        has(Integer.BYTES);
        return in.getInt();
    }

    long number64() throws MalformedFrameException {
        has(Long.BYTES);
        return in.getLong();
    }

    String id() throws MalformedFrameException {
        byte[] text = bytes("an id", number16(), Frames.MOST_ID);
        if (!isId(text)) {
            throw new MalformedFrameException("an id of other than visible ASCII characters");
        }
        return text(text);
    }

    String reason() throws MalformedFrameException {
        return text(bytes("a reason", number16(), Frames.MOST_REASON));
    }

    /** @param most bytes of a session */
    Set<String> names(int most) throws MalformedFrameException {
        int count = count(most);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < count; i++) {
            if (!names.add(name())) {
                throw new MalformedFrameException("a name twice");
            }
        }
        return names;
    }

    /** @param most bytes of a session */
    Map<String, byte[]> attributes(int most) throws MalformedFrameException {
        int count = count(most);
        Map<String, byte[]> attributes = new HashMap<>();
        for (int i = 0; i < count; i++) {
            if (attributes.put(name(), bytes("a value", number32(), in.limit())) != null) {
                throw new MalformedFrameException("a name twice");
            }
        }
        return attributes;
    }

    /** The frame has nothing more. */
    void end() throws MalformedFrameException {
        if (in.hasRemaining()) {
            throw new MalformedFrameException(in.remaining() + " bytes after the end of a frame");
        }
    }

    private String name() throws MalformedFrameException {
        return text(bytes("a name", number16(), Frames.MOST_NAME));
    }

    /** An attribute takes far more memory and time than its bytes in a frame, so the size of a frame bounds too little. */
    private int count(int most) throws MalformedFrameException {
        int count = number32();
        int mostCount = most / Frames.OF_ATTRIBUTE;
        if (count < 0 || count > mostCount) {
            throw new MalformedFrameException(count + " attributes; " + mostCount + " is the most");
        }
        return count;
    }

    private byte[] bytes(String what, int length, int most) throws MalformedFrameException {
        if (length < 0 || length > most) {
            throw new MalformedFrameException(what + " of " + length + " bytes; " + most + " is the most");
        }
        has(length);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private void has(int bytes) throws MalformedFrameException {
        if (in.remaining() < bytes) {
            throw new MalformedFrameException("a frame that ends too early");
        }
    }

    private static String text(byte[] bytes) throws MalformedFrameException {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new MalformedFrameException("a text that is not UTF-8");
        }
    }
}
