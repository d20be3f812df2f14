package org.handoff.worker.runtime.log;

import org.handoff.worker.protocol.log.LogLevel;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** A logger of SLF4J, and what the loggers of the other APIs write by. */
class WorkerLogger extends LegacyAbstractLogger {

    private static final long serialVersionUID = 1;

    private volatile LogLevel threshold;

    WorkerLogger(String name, LogLevel threshold) {
        this.name = name;
        this.threshold = threshold;
    }

    void threshold(LogLevel changed) {
        threshold = changed;
    }

    boolean logs(LogLevel level) {
        return threshold.logs(level);
    }

    /** Writes an entry, whatever the threshold. @param thrown null for none */
    void write(LogLevel level, long millis, String message, Throwable thrown) {
        EntryOutput.OF_PROCESS.write(level, millis, name, message, thrown);
    }

    @Override
    public boolean isTraceEnabled() {
        return logs(LogLevel.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return logs(LogLevel.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return logs(LogLevel.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return logs(LogLevel.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return logs(LogLevel.ERROR);
    }

    @Override
    protected String getFullyQualifiedCallerName() {
        return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level, Marker marker, String pattern, Object[] arguments, Throwable thrown) {
        write(
                LogLevel.valueOf(level.name()),
                System.currentTimeMillis(),
                MessageFormatter.basicArrayFormat(pattern, arguments),
                thrown);
    }
}
