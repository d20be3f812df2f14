package org.handoff.worker.protocol.log;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Finds the entries in a worker's output, which may contain anything. For one thread at a time. */
public final class EntryReader {

    /** The most bytes of an entry. */
    private static final int ENTRY = 128 * 1024;

    private final byte[] mark;
    private ByteArrayOutputStream parts = new ByteArrayOutputStream();
    private boolean tooLong;

    /** What a line is. */
    public enum Line {
        /** Something that other code printed. */
        PLAIN,
        /** A part of an entry, of which more parts come. */
        PART,
        /** The last part of an entry. */
        ENTRY
    }

    /** @param mark as for {@link EntryLines} */
    public EntryReader(String mark) {
        this.mark = mark.getBytes(StandardCharsets.UTF_8);
    }

    /** Reads the next line, without its end. */
    public Line read(byte[] line, int length) {
        int text = mark.length + 1;
        if (length < text || !Arrays.equals(line, 0, mark.length, mark, 0, mark.length)) {
            return Line.PLAIN;
        }
        char kind = (char) line[mark.length];
        if (kind != EntryLines.GOES_ON && kind != EntryLines.LAST) {
            return Line.PLAIN;
        }
        tooLong |= parts.size() + length - text > ENTRY;
        if (!tooLong) {
            parts.write(line, text, length - text);
        }
        return kind == EntryLines.LAST ? Line.ENTRY : Line.PART;
    }

    /** The number of bytes of the entry so far. */
    public int size() {
        return parts.size();
    }

    /** The text of the entry whose last part was read; null if it is too long. Begins anew. */
    public byte[] take() {
        byte[] text = tooLong ? null : parts.toByteArray();
        // A long one leaves no memory behind.
        parts = new ByteArrayOutputStream();
        tooLong = false;
        return text;
    }

    /** The entry of a text; empty if it is none. @param text as taken */
    public static Optional<LogEntry> parse(byte[] text) {
        try {
            return text == null
                    ? Optional.empty()
                    : Optional.of(EntryParser.parse(new String(text, StandardCharsets.UTF_8)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
