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
    /** Whether an entry has begun and not ended. */
    private boolean begun;

    private boolean tooLong;
    private int broken;

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
        switch (kind) {
            case EntryLines.WHOLE, EntryLines.FIRST -> {
                breakOff();
                begun = true;
            }
            case EntryLines.FURTHER, EntryLines.LAST -> {
                if (!begun) {
                    broken += length - text;
                    return Line.PART;
                }
            }
            default -> {
                return Line.PLAIN;
            }
        }
        tooLong |= parts.size() + length - text > ENTRY;
        if (!tooLong) {
            parts.write(line, text, length - text);
        }
        begun = kind == EntryLines.FIRST || kind == EntryLines.FURTHER;
        return begun ? Line.PART : Line.ENTRY;
    }

    /** The entry whose parts have come has no further ones: another one begins, or the output has ended. */
    public void breakOff() {
        if (begun) {
            begun = false;
            broken += parts.size();
            take();
        }
    }

    /** The number of bytes of incomplete entries since the last call. */
    public int takeBroken() {
        int bytes = broken;
        broken = 0;
        return bytes;
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
