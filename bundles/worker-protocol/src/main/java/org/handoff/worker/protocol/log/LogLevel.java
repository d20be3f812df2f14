package org.handoff.worker.protocol.log;

import java.util.Locale;
import java.util.Optional;

/** The level of a log entry or of a logger, from the least important to the most important. */
public enum LogLevel {
    TRACE,
    DEBUG,
    INFO,
    WARN,
    ERROR,
    /** Of a logger only: no entry is logged. */
    OFF;

    /** The level of this name in a logging configuration; empty if it is none. */
    public static Optional<LogLevel> of(String name) {
        return switch (name.strip().toUpperCase(Locale.ROOT)) {
            case "ALL", "TRACE" -> Optional.of(TRACE);
            case "DEBUG" -> Optional.of(DEBUG);
            case "INFO" -> Optional.of(INFO);
            case "WARN", "WARNING" -> Optional.of(WARN);
            case "ERROR", "FATAL" -> Optional.of(ERROR);
            case "OFF" -> Optional.of(OFF);
            default -> Optional.empty();
        };
    }

    /** Whether a logger of this level logs an entry of that one. */
    public boolean logs(LogLevel entry) {
        return entry.compareTo(this) >= 0;
    }
}
