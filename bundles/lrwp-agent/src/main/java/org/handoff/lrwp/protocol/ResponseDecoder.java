package org.handoff.lrwp.protocol;

import io.netty.buffer.ByteBuf;

/** Takes one response after the other out of what a peer sends: a size, a header, a document. */
public final class ResponseDecoder {

    /** The longest header of a response, in bytes. */
    public static final int MAX_HEADER = 64 * 1024;

    /** Gets the parts of one response, in order. Exactly one of the two ends comes, each after its beginning. */
    public interface Receiver {

        /** The header, and how many bytes of document follow. */
        void head(CgiHead head, long length);

        /** The header cannot be used; the rest of the response is skipped before {@link #end}. */
        void unusable(MalformedHeadException reason);

        /** A part of the document; the receiver releases it. */
        void document(ByteBuf part);

        /** The response is complete, and the peer is free. */
        void end();
    }

    private enum State {
        SIZE, HEADER, DOCUMENT, SKIPPING
    }

    private State state = State.SIZE;
    private long left;
    private int searched;

    /** Whether no byte of a response has been taken. */
    public boolean isBetween() {
        return state == State.SIZE;
    }

    /** Whether the header has been dealt with, and the rest of the response is coming. */
    public boolean isAfterHead() {
        return state == State.DOCUMENT || state == State.SKIPPING;
    }

    /**
     * Reads on, to the end of the present response at most: what follows is nobody's.
     *
     * @return whether the response is complete
     * @throws ProtocolException if the size is not one; nothing more can be read then
     */
    public boolean read(ByteBuf in, Receiver receiver) throws ProtocolException {
        if (state == State.SIZE) {
            if (in.readableBytes() < Size.DIGITS) {
                checkDigits(in);
                return false;
            }
            left = Size.read(in);
            searched = 0;
            state = State.HEADER;
        }
        if (state == State.HEADER && !readHeader(in, receiver)) {
            return false;
        }
        int count = (int) Math.min(left, in.readableBytes());
        left -= count;
        if (state == State.SKIPPING) {
            in.skipBytes(count);
        } else if (count > 0) {
            receiver.document(in.readRetainedSlice(count));
        }
        if (left > 0) {
            return false;
        }
        state = State.SIZE;
        receiver.end();
        return true;
    }

    /** What is no size is not waited for. */
    private static void checkDigits(ByteBuf in) throws ProtocolException {
        for (int i = in.readerIndex(); i < in.writerIndex(); i++) {
            if (in.getByte(i) < '0' || in.getByte(i) > '9') {
                throw new ProtocolException("its size is not nine digits");
            }
        }
    }

    /** @return whether the header is done with */
    private boolean readHeader(ByteBuf in, Receiver receiver) {
        int most = (int) Math.min(left, in.readableBytes());
        ByteBuf response = in.slice(in.readerIndex(), most);
        int length = CgiHeadParser.end(response, searched);
        if (length < 0) {
            searched = most;
            if (most == left || most >= MAX_HEADER) {
                state = State.SKIPPING;
                receiver.unusable(new MalformedHeadException(most == left ? "no empty line ends its header"
                        : "its header is longer than " + MAX_HEADER + " bytes"));
                return true;
            }
            return false;
        }
        in.skipBytes(length);
        left -= length;
        try {
            CgiHead head = CgiHeadParser.parse(response.slice(0, length));
            state = State.DOCUMENT;
            receiver.head(head, left);
        } catch (MalformedHeadException e) {
            state = State.SKIPPING;
            receiver.unusable(e);
        }
        return true;
    }
}
