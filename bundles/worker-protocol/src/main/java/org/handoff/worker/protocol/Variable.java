package org.handoff.worker.protocol;

import java.util.Locale;

/** The environment variables of a worker process: docs/worker-protocol.md, "The process". */
public enum Variable {

    /** The version of the protocol that the monitor speaks. */
    PROTOCOL,
    /** The worker's id. */
    WORKER,
    /** The pool's name. */
    POOL,
    /** The path of the scoreboard file. */
    SCOREBOARD,
    /** {@link Dispatch#key}. */
    DISPATCH,
    /** The number of requests that the worker may begin; absent for any number. */
    MAX_REQUESTS,
    /** The seconds within which the worker has to finish after the monitor has gone. */
    DRAIN_TIMEOUT,
    /** The mark of this worker's log entries in its output. */
    LOG,
    /** The levels of its loggers at its start: {@link org.handoff.worker.protocol.log.LogLevels}. */
    LOG_LEVELS,
    /** Where the sessions of its clients are, such as {@code memory:} and the path of the store's socket. */
    SESSIONS,
    /** The contexts of a worker that has no generation file, separated by spaces. */
    CONTEXTS;

    /** The prefix of all these names; no variable of a pool's own has it. */
    public static final String PREFIX = "HANDOFF_";

    /** The variable's name. */
    public String key() {
        return PREFIX + name();
    }

    /** The name of the variable for a limit of HTTP, like {@code HANDOFF_HTTP_BODY_TIMEOUT} for http.body.timeout. */
    public static String ofLimit(String key) {
        return PREFIX + key.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** The value in this process; null if it is not set. */
    public String value() {
        return System.getenv(key());
    }
}
