package org.handoff.worker.protocol.log;

import java.util.Map;

/**
 * One entry of a worker's log. The writer of an entry and its reader cut it to the numbers of characters here, as neither
 * may trust the other to do so.
 *
 * @param millis its time, in milliseconds since 1970
 * @param thread the name of its thread
 * @param context what was known beside it (MDC); of entries beyond {@link #CONTEXTS} nothing is
 * @param thrown its exception; null for none
 */
public record LogEntry(
        LogLevel level,
        long millis,
        String thread,
        String logger,
        String message,
        Map<String, String> context,
        Thrown thrown) {

    /** The most characters of an entry. */
    public static final int ALL = 40_000;

    public static final int MESSAGE = 16_000;

    /** The most characters of a value of its context. */
    public static final int VALUE = 1_000;

    /** The most entries of a context. */
    public static final int CONTEXTS = 32;

    /** The most characters of the names in an entry: of its thread, of its logger, of a key of its context. */
    public static final int NAME = 200;

    /** The text; where it has more characters than that, its beginning with a mark of the cut. */
    public static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        boolean splits = most > 0 && Character.isHighSurrogate(text.charAt(most - 1));
        return text.substring(0, splits ? most - 1 : most) + '…';
    }
}
