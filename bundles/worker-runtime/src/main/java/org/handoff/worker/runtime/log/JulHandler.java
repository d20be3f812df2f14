package org.handoff.worker.runtime.log;

import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

import org.handoff.worker.protocol.log.LogLevel;

/** Makes entries of java.util.logging's records. */
public final class JulHandler extends Handler {

    private final Formatter formatter = new SimpleFormatter();

    @Override
    public void publish(LogRecord logged) {
        String name = logged.getLoggerName() == null ? "" : logged.getLoggerName();
        WorkerLogger logger = WorkerLoggers.ALL.getLogger(name);
        LogLevel level = level(logged.getLevel().intValue());
        // A handler may have set the level of the logger itself.
        if (logger.logs(level)) {
            logger.write(level, logged.getMillis(), formatter.formatMessage(logged), logged.getThrown());
        }
    }

    /** As Karaf has them. */
    private static LogLevel level(int value) {
        if (value <= Level.FINEST.intValue()) {
            return LogLevel.TRACE;
        }
        if (value <= Level.FINE.intValue()) {
            return LogLevel.DEBUG;
        }
        if (value <= Level.INFO.intValue()) {
            return LogLevel.INFO;
        }
        return value <= Level.WARNING.intValue() ? LogLevel.WARN : LogLevel.ERROR;
    }

    @Override
    public void flush() {
        // Each entry is written at once.
    }

    @Override
    public void close() {
        // The output stays open for the others.
    }
}
