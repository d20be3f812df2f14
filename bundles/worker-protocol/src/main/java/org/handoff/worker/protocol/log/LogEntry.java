package org.handoff.worker.protocol.log;

import java.util.Map;

/**
 * One entry of a worker's log.
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

    /** The most entries of a context. */
    public static final int CONTEXTS = 32;

    /** The most characters of the names in an entry: of its thread, of its logger, of a key of its context. */
    public static final int NAME = 200;
}
