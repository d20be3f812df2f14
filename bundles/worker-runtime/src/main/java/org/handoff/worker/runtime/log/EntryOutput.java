package org.handoff.worker.runtime.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;

import org.handoff.worker.protocol.Variable;
import org.handoff.worker.protocol.log.EntryLines;
import org.handoff.worker.protocol.log.LogEntry;
import org.handoff.worker.protocol.log.LogLevel;
import org.handoff.worker.protocol.log.Thrown;
import org.slf4j.MDC;

/** Writes log entries to the standard error: for the pool, or for people where no pool has started this process. */
final class EntryOutput {

    /** Not System.err, which a handler may replace or close. */
    private static final OutputStream OUTPUT = new FileOutputStream(FileDescriptor.err);

    private static final EntryLines LINES = Variable.LOG.value() == null ? null : new EntryLines(Variable.LOG.value());

    private EntryOutput() {}

    /** Writes an entry of this thread. @param thrown null for none */
    static void write(LogLevel level, long millis, String logger, String message, Throwable thrown) {
        if (LINES == null) {
            print(level, logger, message, thrown);
            return;
        }
        Map<String, String> context = MDC.getCopyOfContextMap();
        LogEntry entry = new LogEntry(
                level,
                millis,
                Thread.currentThread().getName(),
                logger,
                message,
                context == null ? Map.of() : context,
                thrown == null ? null : Thrown.of(thrown));
        // The parts of one entry come without those of another.
        synchronized (OUTPUT) {
            try {
                for (byte[] line : LINES.of(entry)) {
                    OUTPUT.write(line);
                }
            } catch (IOException e) {
                // Nobody reads, as Karaf has gone: there is no log any more.
                return;
            }
        }
    }

    private static void print(LogLevel level, String logger, String message, Throwable thrown) {
        synchronized (OUTPUT) {
            System.err.println(level + " " + logger + " - " + message);
            if (thrown != null) {
                thrown.printStackTrace();
            }
        }
    }
}
