package org.handoff.lrwp.protocol;

import java.nio.ByteBuffer;

/**
 * Decodes a peer's responses, one after the other: a size, a header, a document. A peer that does not know the size yet
 * sends {@code IN PIECES} instead; pieces follow, each with its size in front, and a size of zero ends them, or {@code
 * BROKENOFF} in the place of a size.
 */
public final class ResponseDecoder {

    /** The longest header of a response, in bytes. */
    public static final int MAX_HEADER = 64 * 1024;

    private static final int FIRST_HEADER = 256;

    private static final byte[] IN_PIECES = Words.inPieces();
    private static final byte[] BROKEN_OFF = Words.brokenOff();

    /** Gets the parts of one response, in order. Exactly one of the ends comes, each after its beginning. */
    public interface Receiver {

        /** The header, and the number of bytes of the document; -1 if unknown. */
        void head(CgiHead head, long length);

        /** The header cannot be used; the rest of the response is skipped before its end. */
        void unusable(MalformedHeadException reason);

        /**
         * A part of the document, in the buffer that is being read.
         *
         * @param position its beginning there
         * @param length the number of its bytes
         */
        void document(int position, int length);

        /** The response is complete, and the peer is free. */
        void end();

        /** The peer has given up its incomplete response; the peer is free. */
        void brokenOff();
    }

    private enum State {
        SIZE,
        HEADER,
        DOCUMENT,
        SKIPPING
    }

    private State state = State.SIZE;
    private boolean inPieces;
    /** The received part of a header that comes in pieces. */
    private ByteBuffer header;
    /** The number of bytes missing of the response, or of its present piece; at 0 a size comes next. */
    private long left;

    private int searched;

    /** Whether no byte of a response has been taken. */
    public boolean isBetween() {
        return state == State.SIZE;
    }

    /** Whether the header was processed, and the rest of the response is coming. */
    public boolean isAfterHead() {
        return state == State.DOCUMENT || state == State.SKIPPING;
    }

    /** The memory of an incomplete header that comes in pieces, in bytes. */
    public int collected() {
        return header == null ? 0 : header.capacity();
    }

    /**
     * Reads on, to the end of the present response or piece at most; bytes after the response are left.
     *
     * @return whether the response has ended
     * @throws ProtocolException if the size is not one; nothing more can be read then
     */
    public boolean read(ByteBuffer in, Receiver receiver) throws ProtocolException {
        if (state == State.SIZE) {
            if (!hasSize(in, IN_PIECES)) {
                return false;
            }
            searched = 0;
            state = State.HEADER;
            inPieces = take(in, IN_PIECES);
            if (inPieces) {
                header = ByteBuffer.allocate(FIRST_HEADER);
                left = 0;
                return false;
            }
            left = Size.read(in);
        }
        if (inPieces) {
            return readPiece(in, receiver);
        }
        if (state == State.HEADER && !readHeader(in, receiver)) {
            return false;
        }
        readDocument(in, receiver);
        if (left > 0) {
            return false;
        }
        state = State.SIZE;
        receiver.end();
        return true;
    }

    private void readDocument(ByteBuffer in, Receiver receiver) {
        int count = (int) Math.min(left, in.remaining());
        left -= count;
        if (state == State.SKIPPING) {
            skip(in, count);
        } else if (count > 0) {
            receiver.document(in.position(), count);
            skip(in, count);
        }
    }

    private boolean readPiece(ByteBuffer in, Receiver receiver) throws ProtocolException {
        if (left == 0) {
            if (!hasSize(in, BROKEN_OFF)) {
                return false;
            }
            boolean broken = take(in, BROKEN_OFF);
            left = broken ? 0 : Size.read(in);
            if (left == 0) {
                end(broken, receiver);
                return true;
            }
        }
        if (state == State.HEADER) {
            collectHeader(in, receiver);
        } else {
            readDocument(in, receiver);
        }
        return false;
    }

    private void end(boolean broken, Receiver receiver) {
        boolean withoutHeader = state == State.HEADER;
        state = State.SIZE;
        header = null;
        if (broken) {
            receiver.brokenOff();
            return;
        }
        if (withoutHeader) {
            receiver.unusable(new MalformedHeadException("no empty line ends its header"));
        }
        receiver.end();
    }

    /** Joins the pieces of a header; the rest of its last piece is document. */
    private void collectHeader(ByteBuffer in, Receiver receiver) {
        int count = (int) Math.min(left, in.remaining());
        int before = header.position();
        if (header.remaining() < count) {
            header = ByteBuffer.allocate(2 * (before + count)).put(header.flip());
        }
        header.put(in.slice(in.position(), count));
        int length = CgiHeadParser.end(header.duplicate().flip(), searched);
        searched = header.position();
        if (length < 0 && searched < MAX_HEADER) {
            skip(in, count);
            left -= count;
            return;
        }
        int used = length < 0 ? count : length - before;
        skip(in, used);
        left -= used;
        if (length < 0) {
            skip(new MalformedHeadException("its header is longer than " + MAX_HEADER + " bytes"), receiver);
        } else {
            parse(header.flip(), length, -1, receiver);
        }
        header = null;
    }

    /** Whether a size or the words in its place are complete; bytes that are neither are not waited for. */
    private static boolean hasSize(ByteBuffer in, byte[] words) throws ProtocolException {
        boolean digits = true;
        boolean said = true;
        for (int i = 0; i < Math.min(Size.DIGITS, in.remaining()); i++) {
            byte b = in.get(in.position() + i);
            digits &= b >= '0' && b <= '9';
            said &= b == words[i];
        }
        if (!digits && !said && in.remaining() < Size.DIGITS) {
            throw new ProtocolException("its size is not nine digits");
        }
        return in.remaining() >= Size.DIGITS;
    }

    /** Takes these words if they are there. */
    private static boolean take(ByteBuffer in, byte[] words) {
        for (int i = 0; i < words.length; i++) {
            if (in.get(in.position() + i) != words[i]) {
                return false;
            }
        }
        skip(in, words.length);
        return true;
    }

    /** @return whether the header was processed */
    private boolean readHeader(ByteBuffer in, Receiver receiver) {
        int most = (int) Math.min(left, in.remaining());
        int length = CgiHeadParser.end(in.slice(in.position(), most), searched);
        if (length < 0) {
            searched = most;
            if (most == left || most >= MAX_HEADER) {
                skip(
                        new MalformedHeadException(
                                most == left
                                        ? "no empty line ends its header"
                                        : "its header is longer than " + MAX_HEADER + " bytes"),
                        receiver);
                return true;
            }
            return false;
        }
        left -= length;
        parse(in, length, left, receiver);
        skip(in, length);
        return true;
    }

    private void parse(ByteBuffer in, int length, long document, Receiver receiver) {
        byte[] bytes = new byte[length];
        in.get(in.position(), bytes);
        try {
            CgiHead head = CgiHeadParser.parse(bytes);
            state = State.DOCUMENT;
            receiver.head(head, document);
        } catch (MalformedHeadException e) {
            skip(e, receiver);
        }
    }

    private void skip(MalformedHeadException reason, Receiver receiver) {
        state = State.SKIPPING;
        receiver.unusable(reason);
    }

    private static void skip(ByteBuffer in, int count) {
        in.position(in.position() + count);
    }
}
