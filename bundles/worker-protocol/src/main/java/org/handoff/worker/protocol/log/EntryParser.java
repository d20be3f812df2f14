package org.handoff.worker.protocol.log;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the text of an entry, as {@link EntryText} makes it. The text may be any, so that lengths and numbers are
 * bounded; what is beyond is left out.
 */
final class EntryParser {

    private static final int FIRST_FIELDS = 5;

    /** The most frames of all exceptions together, those in common included. */
    private static final int FRAMES = 8_192;

    private final String[] fields;
    private final Map<String, String> context = new LinkedHashMap<>();
    private int at = FIRST_FIELDS;
    private int exceptions;
    private int frames;

    private EntryParser(String text) {
        fields = text.split("\t", -1);
    }

    /** @throws IllegalArgumentException if it is no entry */
    static LogEntry parse(String text) {
        EntryParser parser = new EntryParser(text);
        if (parser.fields.length < FIRST_FIELDS) {
            throw new IllegalArgumentException("it has " + parser.fields.length + " fields");
        }
        LogLevel level = LogLevel.valueOf(parser.fields[0]);
        if (level == LogLevel.OFF) {
            throw new IllegalArgumentException("it is of level OFF");
        }
        long millis = Long.parseLong(parser.fields[1]);
        Thrown thrown = parser.rest();
        return new LogEntry(
                level,
                millis,
                name(parser.fields[2]),
                name(parser.fields[3]),
                unescape(parser.fields[4]),
                parser.context,
                thrown);
    }

    /** The fields behind the first five; the last exception counts. */
    private Thrown rest() {
        Thrown thrown = null;
        while (at < fields.length) {
            String field = fields[at++];
            switch (kind(field)) {
                case EntryText.CONTEXT -> context(unescape(field.substring(1)));
                case EntryText.THROWN -> thrown = thrown(field);
                default -> {
                    // Of a later version of this text.
                }
            }
        }
        return thrown;
    }

    private void context(String entry) {
        int equals = entry.indexOf('=');
        if (equals > 0 && equals <= LogEntry.NAME && context.size() < LogEntry.CONTEXTS) {
            context.put(entry.substring(0, equals), entry.substring(equals + 1));
        }
    }

    /** Reads an exception up to its end. */
    private Thrown thrown(String first) {
        if (++exceptions > Thrown.MOST) {
            throw new IllegalArgumentException("it has more than " + Thrown.MOST + " exceptions");
        }
        List<String> trace = new ArrayList<>();
        int common = 0;
        Thrown cause = null;
        List<Thrown> suppressed = new ArrayList<>();
        while (at < fields.length && kind(fields[at]) != EntryText.END) {
            String field = fields[at++];
            switch (kind(field)) {
                case EntryText.FRAME -> {
                    if (++frames <= FRAMES) {
                        trace.add(unescape(field.substring(1)));
                    }
                }
                case EntryText.COMMON -> {
                    common = Math.max(0, Math.min(Integer.parseInt(field.substring(1)), FRAMES - frames));
                    frames += common;
                }
                case EntryText.CAUSE -> cause = nested(field);
                case EntryText.SUPPRESSED -> suppressed.add(nested(field));
                default -> {
                    // Of a later version of this text.
                }
            }
        }
        return new Thrown(unescape(first.substring(1)), trace, common, cause, suppressed);
    }

    private Thrown nested(String first) {
        Thrown nested = thrown(first);
        at++;
        return nested;
    }

    private static char kind(String field) {
        return field.isEmpty() ? 0 : field.charAt(0);
    }

    private static String name(String field) {
        return LogEntry.cut(unescape(field), LogEntry.NAME);
    }

    private static String unescape(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        StringBuilder text = new StringBuilder(field.length());
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\' && i + 1 < field.length()) {
                i++;
                text.append(
                        switch (field.charAt(i)) {
                            case 't' -> '\t';
                            case 'n' -> '\n';
                            case 'r' -> '\r';
                            default -> field.charAt(i);
                        });
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }
}
