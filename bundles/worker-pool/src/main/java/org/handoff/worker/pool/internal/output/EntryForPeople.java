package org.handoff.worker.pool.internal.output;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

import org.handoff.worker.protocol.log.LogEntry;

/** What a process has printed or logged, as a text for people: visible, and of bounded length. */
final class EntryForPeople {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

    /** The most characters of an entry's words. */
    private static final int WORDS = 2_000;

    private EntryForPeople() {}

    /** A line that comes now. */
    static String now(String line) {
        return TIME.format(Instant.now()) + " " + line;
    }

    /** A visible log entry with all that it has but its context; its stack trace in lines of their own. */
    static String of(LogEntry entry) {
        StringWriter text = new StringWriter();
        text.append(TIME.format(Instant.ofEpochMilli(entry.millis())))
                .append(" " + entry.level() + " [" + entry.thread() + "] ")
                .append(entry.logger() + " - " + entry.message());
        if (entry.thrown() != null) {
            text.append('\n');
            ThrownInWorker.of(entry.thrown()).printStackTrace(new PrintWriter(text));
        }
        return text.toString().stripTrailing();
    }

    /** What a visible entry says, in one line. */
    static String words(LogEntry entry) {
        String thrown = entry.thrown() == null ? "" : ": " + entry.thrown().text();
        return LogEntry.cut((entry.message() + thrown).replaceAll("\n\t?", " "), WORDS);
    }
}
