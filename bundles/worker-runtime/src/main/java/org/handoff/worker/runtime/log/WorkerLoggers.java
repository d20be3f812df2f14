package org.handoff.worker.runtime.log;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import org.handoff.worker.protocol.Variable;
import org.handoff.worker.protocol.log.LogLevels;
import org.slf4j.ILoggerFactory;

/** All loggers of this worker, with the levels that the pool says. */
public final class WorkerLoggers implements ILoggerFactory {

    /** The one of this process. */
    public static final WorkerLoggers ALL = new WorkerLoggers(atStart());

    private final Map<String, WorkerLogger> loggers = new ConcurrentHashMap<>();
    private final List<Consumer<LogLevels>> listeners = new ArrayList<>();
    private volatile LogLevels levels;

    private WorkerLoggers(LogLevels levels) {
        this.levels = levels;
    }

    private static LogLevels atStart() {
        String said = Variable.LOG_LEVELS.value();
        try {
            return said == null ? LogLevels.DEFAULT : LogLevels.parse(said);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(Variable.LOG_LEVELS.key() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public WorkerLogger getLogger(String name) {
        WorkerLogger known = loggers.get(name);
        return known != null ? known : made(name);
    }

    private synchronized WorkerLogger made(String name) {
        return loggers.computeIfAbsent(name, made -> new WorkerLogger(made, levels.of(made)));
    }

    /** Takes levels in place of the present ones. */
    public synchronized void levels(LogLevels changed) {
        levels = changed;
        loggers.forEach((name, logger) -> logger.threshold(changed.of(name)));
        listeners.forEach(told -> told.accept(changed));
    }

    /** Tells a listener the levels, now and at each change. */
    synchronized void listen(Consumer<LogLevels> told) {
        told.accept(levels);
        listeners.add(told);
    }
}
