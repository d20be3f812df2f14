package org.handoff.worker.protocol.log;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * An entry as lines of a worker's output. Each line begins with a mark that only this start of the worker has, so that no
 * text of a client or of a file looks like an entry; each is short enough that the system writes it in one piece, so that
 * nothing that other code prints gets into it; and each begins with a line end, as other code may have begun a line.
 */
public final class EntryLines {

    /** Behind the mark of a line that is an entry. */
    static final char WHOLE = '.';
    /** Behind the marks of the lines of a longer one. */
    static final char FIRST = '<';

    static final char FURTHER = '+';
    static final char LAST = '>';

    /** The most bytes that a pipe takes whole (PIPE_BUF). */
    private static final int LINE = 4096;

    private final byte[] mark;

    /** @param mark the value of HANDOFF_LOG */
    public EntryLines(String mark) {
        this.mark = mark.getBytes(StandardCharsets.UTF_8);
    }

    /** The lines of an entry, each with its line ends: each is to be written by one call. */
    public List<byte[]> of(LogEntry entry) {
        byte[] text = EntryText.of(entry).getBytes(StandardCharsets.UTF_8);
        int room = LINE - mark.length - 3;
        List<byte[]> lines = new ArrayList<>(1);
        int from = 0;
        do {
            int length = Math.min(room, text.length - from);
            byte[] line = new byte[mark.length + length + 3];
            line[0] = '\n';
            System.arraycopy(mark, 0, line, 1, mark.length);
            line[mark.length + 1] = (byte) kind(from == 0, from + length == text.length);
            System.arraycopy(text, from, line, mark.length + 2, length);
            line[line.length - 1] = '\n';
            lines.add(line);
            from += length;
        } while (from < text.length);
        return lines;
    }

    private static char kind(boolean first, boolean last) {
        if (first) {
            return last ? WHOLE : FIRST;
        }
        return last ? LAST : FURTHER;
    }
}
