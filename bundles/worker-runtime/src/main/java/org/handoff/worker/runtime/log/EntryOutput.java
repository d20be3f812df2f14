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
    static final EntryOutput OF_PROCESS = new EntryOutput(
            new FileOutputStream(FileDescriptor.err),
            Variable.LOG.value() == null ? null : new EntryLines(Variable.LOG.value()));

    private final OutputStream output;
    private final EntryLines lines;
    private long lost;

    /** @param lines makes the lines of an entry; null for entries that people read */
    EntryOutput(OutputStream output, EntryLines lines) {
        this.output = output;
        this.lines = lines;
    }

    /** Writes an entry of this thread. @param thrown null for none */
    void write(LogLevel level, long millis, String logger, String message, Throwable thrown) {
        if (lines == null) {
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
        synchronized (output) {
            try {
                if (lost > 0) {
                    put(ofLost());
                    lost = 0;
                }
                put(entry);
            } catch (IOException e) {
                // Karaf has gone and nobody reads, or the pipe is full and a child of this process made it
                // non-blocking.
                lost++;
            }
        }
    }

    private void put(LogEntry entry) throws IOException {
        for (byte[] line : lines.of(entry)) {
            output.write(line);
        }
    }

    private LogEntry ofLost() {
        return new LogEntry(
                LogLevel.WARN,
                System.currentTimeMillis(),
                Thread.currentThread().getName(),
                EntryOutput.class.getName(),
                "Log entries are lost, " + lost
                        + " before this one: the standard error took no more, which happens when a"
                        + " child process makes it non-blocking",
                Map.of(),
                null);
    }

    private void print(LogLevel level, String logger, String message, Throwable thrown) {
        synchronized (output) {
            System.err.println(level + " " + logger + " - " + message);
            if (thrown != null) {
                thrown.printStackTrace();
            }
        }
    }
}
