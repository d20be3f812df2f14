package org.handoff.worker.runtime.log;

import java.util.Arrays;

import org.handoff.worker.protocol.log.LogLevel;
import org.osgi.framework.ServiceReference;
import org.osgi.service.log.FormatterLogger;
import org.osgi.service.log.LoggerConsumer;
import org.slf4j.helpers.MessageFormatter;

/** A logger of OSGi, of either kind: with the placeholders {@code {}}, or with those of {@link String#format}. */
final class OsgiLogger implements FormatterLogger {

    private final WorkerLogger logger;
    private final boolean printf;

    OsgiLogger(WorkerLogger logger, boolean printf) {
        this.logger = logger;
        this.printf = printf;
    }

    @Override
    public String getName() {
        return logger.getName();
    }

    /** @param arguments for the placeholders; an exception or a service behind these is beside the message */
    private void log(LogLevel level, String format, Object... arguments) {
        if (logger.logs(level)) {
            write(level, format, arguments);
        }
    }

    private void write(LogLevel level, String format, Object... arguments) {
        int count = arguments == null ? 0 : arguments.length;
        Object last = count == 0 ? null : arguments[count - 1];
        Throwable thrown = last instanceof Throwable exception ? exception : null;
        String beside = last instanceof ServiceReference<?> service ? " (" + service + ")" : "";
        if (thrown != null || !beside.isEmpty()) {
            count--;
        }
        String message = count == 0 ? format : placed(format, Arrays.copyOf(arguments, count));
        logger.write(level, System.currentTimeMillis(), message + beside, thrown);
    }

    /** Never fails, even if an argument's {@code toString} does. */
    private String placed(String format, Object... arguments) {
        if (printf) {
            try {
                return String.format(format, arguments);
            } catch (RuntimeException | StackOverflowError | LinkageError | AssertionError e) {
                Object[] withReason = Arrays.copyOf(arguments, arguments.length + 1);
                withReason[arguments.length] = e;
                String places = " {}".repeat(arguments.length) + ", not formatted: {}";
                return format + MessageFormatter.basicArrayFormat(places, withReason);
            }
        }
        return MessageFormatter.basicArrayFormat(format, arguments);
    }

    private <E extends Exception> void log(LogLevel level, LoggerConsumer<E> consumer) throws E {
        if (logger.logs(level)) {
            consumer.accept(this);
        }
    }

    @Override
    public boolean isTraceEnabled() {
        return logger.logs(LogLevel.TRACE);
    }

    @Override
    public void trace(String message) {
        log(LogLevel.TRACE, message);
    }

    @Override
    public void trace(String format, Object argument) {
        log(LogLevel.TRACE, format, argument);
    }

    @Override
    public void trace(String format, Object first, Object second) {
        log(LogLevel.TRACE, format, first, second);
    }

    @Override
    public void trace(String format, Object... arguments) {
        log(LogLevel.TRACE, format, arguments);
    }

    @Override
    public <E extends Exception> void trace(LoggerConsumer<E> consumer) throws E {
        log(LogLevel.TRACE, consumer);
    }

    @Override
    public boolean isDebugEnabled() {
        return logger.logs(LogLevel.DEBUG);
    }

    @Override
    public void debug(String message) {
        log(LogLevel.DEBUG, message);
    }

    @Override
    public void debug(String format, Object argument) {
        log(LogLevel.DEBUG, format, argument);
    }

    @Override
    public void debug(String format, Object first, Object second) {
        log(LogLevel.DEBUG, format, first, second);
    }

    @Override
    public void debug(String format, Object... arguments) {
        log(LogLevel.DEBUG, format, arguments);
    }

    @Override
    public <E extends Exception> void debug(LoggerConsumer<E> consumer) throws E {
        log(LogLevel.DEBUG, consumer);
    }

    @Override
    public boolean isInfoEnabled() {
        return logger.logs(LogLevel.INFO);
    }

    @Override
    public void info(String message) {
        log(LogLevel.INFO, message);
    }

    @Override
    public void info(String format, Object argument) {
        log(LogLevel.INFO, format, argument);
    }

    @Override
    public void info(String format, Object first, Object second) {
        log(LogLevel.INFO, format, first, second);
    }

    @Override
    public void info(String format, Object... arguments) {
        log(LogLevel.INFO, format, arguments);
    }

    @Override
    public <E extends Exception> void info(LoggerConsumer<E> consumer) throws E {
        log(LogLevel.INFO, consumer);
    }

    @Override
    public boolean isWarnEnabled() {
        return logger.logs(LogLevel.WARN);
    }

    @Override
    public void warn(String message) {
        log(LogLevel.WARN, message);
    }

    @Override
    public void warn(String format, Object argument) {
        log(LogLevel.WARN, format, argument);
    }

    @Override
    public void warn(String format, Object first, Object second) {
        log(LogLevel.WARN, format, first, second);
    }

    @Override
    public void warn(String format, Object... arguments) {
        log(LogLevel.WARN, format, arguments);
    }

    @Override
    public <E extends Exception> void warn(LoggerConsumer<E> consumer) throws E {
        log(LogLevel.WARN, consumer);
    }

    @Override
    public boolean isErrorEnabled() {
        return logger.logs(LogLevel.ERROR);
    }

    @Override
    public void error(String message) {
        log(LogLevel.ERROR, message);
    }

    @Override
    public void error(String format, Object argument) {
        log(LogLevel.ERROR, format, argument);
    }

    @Override
    public void error(String format, Object first, Object second) {
        log(LogLevel.ERROR, format, first, second);
    }

    @Override
    public void error(String format, Object... arguments) {
        log(LogLevel.ERROR, format, arguments);
    }

    @Override
    public <E extends Exception> void error(LoggerConsumer<E> consumer) throws E {
        log(LogLevel.ERROR, consumer);
    }

    @Override
    public void audit(String message) {
        write(LogLevel.ERROR, message);
    }

    @Override
    public void audit(String format, Object argument) {
        write(LogLevel.ERROR, format, argument);
    }

    @Override
    public void audit(String format, Object first, Object second) {
        write(LogLevel.ERROR, format, first, second);
    }

    @Override
    public void audit(String format, Object... arguments) {
        write(LogLevel.ERROR, format, arguments);
    }
}
