package org.handoff.worker.pool.internal.output;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

import org.handoff.worker.protocol.log.LogEntry;
import org.handoff.worker.protocol.log.LogLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** Puts the lines and the log entries of one process into Karaf's log. */
final class KarafLog implements WorkerOutput.Log {

    /** The logger of lines. */
    static final Logger LINES = LoggerFactory.getLogger("org.handoff.worker.output");

    /** The keys of the context of each entry in Karaf's log; no worker sets them. */
    private static final String OURS = "worker.";

    private static final String ID = OURS + "id";
    private static final String POOL = OURS + "pool";
    private static final String TIME = OURS + "time";

    /** What Karaf itself sets. */
    private static final String BUNDLES = "bundle.";

    private final String id;
    private final String pool;

    /** @param id the worker's, its pool's name and a number */
    KarafLog(String id) {
        this.id = id;
        this.pool = id.substring(0, Math.max(0, id.lastIndexOf('-')));
    }

    @Override
    public void line(String line) {
        MDC.put(ID, id);
        MDC.put(POOL, pool);
        try {
            if (WorkerOutput.warns(line)) {
                LINES.warn("[{}] {}", id, WorkerOutput.words(line));
            } else {
                LINES.info("[{}] {}", id, line);
            }
        } finally {
            MDC.remove(ID);
            MDC.remove(POOL);
        }
    }

    @Override
    public void entry(LogEntry entry) {
        Logger logger = KarafLoggers.ALL.of(pool, entry.logger());
        if (!logs(logger, entry.level())) {
            return;
        }
        String named = logger == LINES ? entry.logger() + " - " : "";
        String message = "[" + id + "] " + named + entry.message();
        Throwable thrown = entry.thrown() == null ? null : ThrownInWorker.of(entry.thrown());
        Thread thread = Thread.currentThread();
        String name = thread.getName();
        MDC.setContextMap(context(entry));
        // The log takes the thread's name from the thread, which here is one of this worker only.
        thread.setName(entry.thread());
        try {
            log(logger, entry.level(), message, thrown);
        } finally {
            thread.setName(name);
            MDC.clear();
        }
    }

    private Map<String, String> context(LogEntry entry) {
        Map<String, String> context = new HashMap<>();
        entry.context().forEach((key, value) -> {
            if (!key.startsWith(OURS) && !key.startsWith(BUNDLES)) {
                context.put(key, value);
            }
        });
        context.put(ID, id);
        context.put(POOL, pool);
        context.put(TIME, Instant.ofEpochMilli(entry.millis()).toString());
        return context;
    }

    private static boolean logs(Logger logger, LogLevel level) {
        return switch (level) {
            case TRACE -> logger.isTraceEnabled();
            case DEBUG -> logger.isDebugEnabled();
            case INFO -> logger.isInfoEnabled();
            case WARN -> logger.isWarnEnabled();
            case ERROR -> logger.isErrorEnabled();
            case OFF -> false;
        };
    }

    private static void log(Logger logger, LogLevel level, String message, Throwable thrown) {
        switch (level) {
            case TRACE -> logger.trace(message, thrown);
            case DEBUG -> logger.debug(message, thrown);
            case INFO -> logger.info(message, thrown);
            case WARN -> logger.warn(message, thrown);
            default -> logger.error(message, thrown);
        }
    }
}
