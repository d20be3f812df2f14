package org.handoff.worker.protocol.log;

import java.util.Map;

/**
 * An entry as text: fields separated by tabs, in which tabs, line ends and backslashes are escaped. Too long texts are
 * cut, so that the whole is bounded.
 */
final class EntryText {

    /** What begins a field behind the first five. */
    static final char CONTEXT = 'm';

    static final char THROWN = 'x';
    static final char FRAME = 'a';
    static final char COMMON = '+';
    static final char CAUSE = 'c';
    static final char SUPPRESSED = 's';
    /** The cause or suppressed exception is complete. */
    static final char END = '^';

    /** Room for the fields that end exceptions, and for what a cut adds. */
    private static final int RESERVE = 1_000;

    private final StringBuilder text = new StringBuilder(200);

    private EntryText() {}

    static String of(LogEntry entry) {
        EntryText made = new EntryText();
        made.text.append(entry.level()).append('\t').append(entry.millis());
        made.field("", entry.thread(), LogEntry.NAME);
        made.field("", entry.logger(), LogEntry.NAME);
        made.field("", entry.message(), LogEntry.MESSAGE);
        int contexts = 0;
        for (Map.Entry<String, String> one : entry.context().entrySet()) {
            if (one.getKey() != null
                    && one.getKey().length() <= LogEntry.NAME
                    && ++contexts <= LogEntry.CONTEXTS
                    && !made.isFull()) {
                made.field(CONTEXT + one.getKey().replace('=', '_') + '=', one.getValue(), LogEntry.VALUE);
            }
        }
        if (entry.thrown() != null) {
            made.thrown(THROWN, entry.thrown());
        }
        return made.text.toString();
    }

    private void thrown(char kind, Thrown thrown) {
        field(String.valueOf(kind), thrown.text(), Thrown.TEXT);
        int left = thrown.frames().size();
        for (String frame : thrown.frames()) {
            if (isFull()) {
                field(String.valueOf(FRAME), "… " + left + " more", Thrown.FRAME);
                break;
            }
            field(String.valueOf(FRAME), frame, Thrown.FRAME);
            left--;
        }
        if (thrown.common() > 0) {
            text.append('\t').append(COMMON).append(thrown.common());
        }
        if (thrown.cause() != null && !isFull()) {
            thrown(CAUSE, thrown.cause());
            text.append('\t').append(END);
        }
        for (Thrown suppressed : thrown.suppressed()) {
            if (!isFull()) {
                thrown(SUPPRESSED, suppressed);
                text.append('\t').append(END);
            }
        }
    }

    private boolean isFull() {
        return text.length() > LogEntry.ALL - RESERVE - Thrown.TEXT;
    }

    /** Adds a field, cut to a number of characters and to the room that there is. */
    private void field(String before, String value, int most) {
        text.append('\t');
        escape(before);
        int room = Math.max(0, LogEntry.ALL - RESERVE - text.length()) / 2;
        escape(LogEntry.cut(String.valueOf(value), Math.min(most, room)));
    }

    private void escape(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '\t' -> text.append("\\t");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                default -> text.append(c);
            }
        }
    }
}
