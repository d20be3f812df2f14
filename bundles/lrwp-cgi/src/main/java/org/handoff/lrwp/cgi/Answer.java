package org.handoff.lrwp.cgi;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

import org.handoff.lrwp.protocol.Size;
import org.handoff.lrwp.protocol.Words;

/**
 * The answer to one request after the other. A short one that is complete at once goes with its size, as LRWP has it;
 * of any other the pieces go as they come, as LRWP 2.1 has it.
 */
final class Answer {

    private static final byte[] IN_PIECES = Words.inPieces();
    private static final byte[] BROKEN_OFF = Words.brokenOff();
    private static final byte[] END = Size.of(0);
    private static final int PIECE = 32 * 1024;
    /** Where the content stands in the buffer: behind the words and the size. */
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

    /** Takes what can be read at once. @return how many bytes; -1 at the end */
    int read(ReadableByteChannel from) throws IOException {
        return from.read(buffer);
    }

    /** What it has and has not sent, a character for each byte. */
    String text() {
        byte[] bytes = new byte[buffer.position() - CONTENT];
        buffer.get(CONTENT, bytes);
        return new String(bytes, ISO_8859_1);
    }

    /** Has this text in the place of what it has and has not sent. */
    void replace(String text) {
        empty();
        buffer.put(text.getBytes(ISO_8859_1));
    }

    /** Sends what it has; more follows. */
    void flush() throws IOException {
        if (!isEmpty()) {
            int start = frame();
            wire.write(buffer.flip().position(start));
            inPieces = true;
            empty();
        }
    }

    /** Sends what it has, which is the last of it. */
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

    /** Ends it so that nobody takes it for complete. */
    void breakOff() throws IOException {
        buffer.clear();
        if (!inPieces) {
            buffer.put(IN_PIECES);
        }
        wire.write(buffer.put(BROKEN_OFF).flip());
        begin();
    }

    /** Puts the size, and the words where it is the first piece, before the content. @return where they begin */
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
