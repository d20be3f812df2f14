package org.handoff.lrwp.cgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

import org.handoff.lrwp.protocol.Size;
import org.handoff.lrwp.protocol.Words;

/**
 * The responses to one request after the other. A short response that is complete at once is sent with its size, as in
 * LRWP; any other in pieces, as in LRWP 2.1.
 */
final class Answer {

    private static final byte[] IN_PIECES = Words.inPieces();
    private static final byte[] BROKEN_OFF = Words.brokenOff();
    private static final byte[] END = Size.of(0);
    private static final int PIECE = 32 * 1024;
    /** The place of the content in the buffer: after the words and the size. */
    private static final int CONTENT = 2 * Size.DIGITS;

    private final Wire wire;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(CONTENT + PIECE + Size.DIGITS);
    private boolean inPieces;

    Answer(Wire wire) {
        this.wire = wire;
        begin();
    }

    private void begin() {
        inPieces = false;
        empty();
    }

    private void empty() {
        buffer.clear().position(CONTENT).limit(CONTENT + PIECE);
    }

    /** Whether a part of it has left. */
    boolean isBegun() {
        return inPieces;
    }

    boolean isEmpty() {
        return buffer.position() == CONTENT;
    }

    boolean isFull() {
        return !buffer.hasRemaining();
    }

    /** Reads the available bytes. @return their number; -1 at the end */
    int read(ReadableByteChannel from) throws IOException {
        return from.read(buffer);
    }

    /** The bytes that were not sent, a character for each. */
    String text() {
        byte[] bytes = new byte[buffer.position() - CONTENT];
        buffer.get(CONTENT, bytes);
        return new String(bytes, ISO_8859_1);
    }

    /** Replaces the bytes that were not sent by this text. */
    void replace(String text) {
        empty();
        buffer.put(text.getBytes(ISO_8859_1));
    }

    /** Sends the collected bytes; more follow. */
    void flush() throws IOException {
        if (!isEmpty()) {
            int start = frame();
            wire.write(buffer.flip().position(start));
            inPieces = true;
            empty();
        }
    }

    /** Sends the collected bytes, which are the last ones. */
    void complete() throws IOException {
        if (inPieces && isEmpty()) {
            buffer.clear().put(END);
            wire.write(buffer.flip());
        } else if (inPieces) {
            int start = frame();
            buffer.limit(buffer.capacity()).put(END);
            wire.write(buffer.flip().position(start));
        } else {
            size();
            wire.write(buffer.flip().position(Size.DIGITS));
        }
        begin();
    }

    /** Ends the response so that it does not look complete. */
    void breakOff() throws IOException {
        buffer.clear();
        if (!inPieces) {
            buffer.put(IN_PIECES);
        }
        wire.write(buffer.put(BROKEN_OFF).flip());
        begin();
    }

    /** Puts the size, and for the first piece the words, before the content. @return the beginning */
    private int frame() {
        size();
        if (inPieces) {
            return Size.DIGITS;
        }
        buffer.put(0, IN_PIECES);
        return 0;
    }

    private void size() {
        buffer.put(Size.DIGITS, Size.of(buffer.position() - CONTENT));
    }
}
