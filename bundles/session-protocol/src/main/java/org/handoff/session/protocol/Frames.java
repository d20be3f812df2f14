package org.handoff.session.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Encodes and decodes frames. Stateless. */
public final class Frames {

    /** The version of the protocol. */
    public static final int VERSION = 1;

    /** The bytes of a frame's length, which counts the bytes after it. */
    public static final int LENGTH = Integer.BYTES;

    /** The longest frame before the welcome and for all that has no attributes, in bytes after its length. */
    public static final int MOST_SMALL = 1024;

    /** The most bytes of a session that any store allows. */
    public static final int MOST_SESSION = 64 << 20;

    /** The longest id, in bytes. */
    public static final int MOST_ID = 128;

    /** The longest name of an attribute, in bytes. */
    public static final int MOST_NAME = 1024;

    /** The longest reason of a refusal, in bytes. */
    public static final int MOST_REASON = 512;

    /** What a session counts in addition to its attributes, in bytes. */
    public static final int OF_SESSION = 512;

    /** What an attribute counts in addition to its name and its value, in bytes. */
    public static final int OF_ATTRIBUTE = 128;

    static final int HELLO = 1;
    static final int LOAD = 2;
    static final int SAVE = 3;
    static final int RENAME = 4;
    static final int DELETE = 5;

    static final int WELCOME = 65;
    static final int SESSION = 66;
    static final int DONE = 67;
    static final int GONE = 68;
    static final int TOO_LARGE = 69;
    static final int REFUSED = 70;

    private Frames() {}

    /**
     * The longest frame of sessions, in bytes after its length: all attributes of a session removed, and as many set.
     *
     * @param most the most bytes of a session
     */
    public static int most(int most) {
        return (int) Math.min(Integer.MAX_VALUE - LENGTH, MOST_SMALL + 2L * most);
    }

    /** The size of a session with these attributes, in bytes: what it takes of the store's memory. */
    public static long bytes(Map<String, byte[]> attributes) {
        long bytes = OF_SESSION;
        for (Map.Entry<String, byte[]> attribute : attributes.entrySet()) {
            bytes += bytes(attribute.getKey(), attribute.getValue());
        }
        return bytes;
    }

    /** The part of an attribute in the size of its session, in bytes. */
    public static long bytes(String name, byte[] value) {
        return OF_ATTRIBUTE + (long) name.getBytes(StandardCharsets.UTF_8).length + value.length;
    }

    /** Checks the name of an attribute. @throws IllegalArgumentException if it is not possible */
    public static void checkName(String name) {
        FrameWriter.encodedName(name);
    }

    /**
     * Encodes a frame, ready to be sent.
     *
     * @throws IllegalArgumentException if an id or a name is not possible; the message does not have it
     */
    public static ByteBuffer encode(Request request) {
        FrameWriter out = new FrameWriter();
        if (request instanceof Request.Hello hello) {
            out.type(HELLO).number16(hello.version());
        } else if (request instanceof Request.Load load) {
            out.type(LOAD).id(load.id());
        } else if (request instanceof Request.Save save) {
            out.type(SAVE).id(save.id()).flag(save.create()).number32(save.maxInactive());
            out.names(save.removed()).attributes(save.set());
        } else if (request instanceof Request.Rename rename) {
            out.type(RENAME).id(rename.id()).id(rename.newId());
        } else if (request instanceof Request.Delete delete) {
            out.type(DELETE).id(delete.id());
        }
        return out.frame();
    }

    /** Encodes a frame, ready to be sent. */
    public static ByteBuffer encode(Answer answer) {
        FrameWriter out = new FrameWriter();
        if (answer instanceof Answer.Welcome welcome) {
            out.type(WELCOME).number16(welcome.version()).number32(welcome.most());
        } else if (answer instanceof Answer.Session session) {
            out.type(SESSION).number64(session.created()).number64(session.accessed());
            out.number32(session.maxInactive()).attributes(session.attributes());
        } else if (answer instanceof Answer.Done) {
            out.type(DONE);
        } else if (answer instanceof Answer.Gone) {
            out.type(GONE);
        } else if (answer instanceof Answer.TooLarge large) {
            out.type(TOO_LARGE).number64(large.bytes());
        } else if (answer instanceof Answer.Refused refused) {
            out.type(REFUSED).reason(refused.reason());
        }
        return out.frame();
    }

    /**
     * Decodes a frame of a worker.
     *
     * @param frame after its length
     * @param most the most bytes of a session
     * @throws MalformedFrameException if it is not one
     */
    public static Request request(ByteBuffer frame, int most) throws MalformedFrameException {
        FrameContent in = new FrameContent(frame);
        int type = in.type();
        Request request = switch (type) {
            case HELLO -> new Request.Hello(in.number16());
            case LOAD -> new Request.Load(in.id());
            case SAVE -> new Request.Save(in.id(), in.flag(), in.number32(), in.names(most), in.attributes(most));
            case RENAME -> new Request.Rename(in.id(), in.id());
            case DELETE -> new Request.Delete(in.id());
            default -> throw new MalformedFrameException("a frame of the unknown type " + type);
        };
        in.end();
        return request;
    }

    /**
     * Decodes a frame of the store.
     *
     * @param frame after its length
     * @throws MalformedFrameException if it is not one
     */
    public static Answer answer(ByteBuffer frame) throws MalformedFrameException {
        FrameContent in = new FrameContent(frame);
        int type = in.type();
        Answer answer = switch (type) {
            case WELCOME -> new Answer.Welcome(in.number16(), in.number32());
            case SESSION ->
                new Answer.Session(in.number64(), in.number64(), in.number32(), in.attributes(MOST_SESSION));
            case DONE -> new Answer.Done();
            case GONE -> new Answer.Gone();
            case TOO_LARGE -> new Answer.TooLarge(in.number64());
            case REFUSED -> new Answer.Refused(in.reason());
            default -> throw new MalformedFrameException("a frame of the unknown type " + type);
        };
        in.end();
        return answer;
    }
}
