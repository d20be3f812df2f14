package org.handoff.worker.pool.internal.output;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Karaf's loggers for the entries of workers. A logger stays for as long as Karaf runs, so that the workers of a pool
 * bring a bounded number of names; entries of further ones go to the logger of lines.
 */
final class KarafLoggers {

    /** For all pools, whose workers have many names in common. */
    static final KarafLoggers ALL = new KarafLoggers(2_000);

    private static final Logger LOG = LoggerFactory.getLogger(KarafLoggers.class);

    private final int most;
    private final Map<String, Logger> loggers = new ConcurrentHashMap<>();
    /** The number of names that each pool has brought. */
    private final Map<String, Integer> brought = new HashMap<>();

    /** @param most names of a pool */
    KarafLoggers(int most) {
        this.most = most;
    }

    /** The logger for a name that a worker gives; that of lines if there is none for it. */
    Logger of(String pool, String name) {
        Logger logger = loggers.get(name);
        return logger != null ? logger : made(pool, name);
    }

    private synchronized Logger made(String pool, String name) {
        Logger known = loggers.get(name);
        if (known != null) {
            return known;
        }
        int before = brought.getOrDefault(pool, 0);
        if (name.isBlank() || !VisibleText.of(name).equals(name) || before == most) {
            return KarafLog.LINES;
        }
        if (before + 1 == most) {
            LOG.warn(
                    "The workers of pool {} log under {} names: entries under further ones come under {}",
                    pool,
                    most,
                    KarafLog.LINES.getName());
        }
        brought.put(pool, before + 1);
        Logger made = LoggerFactory.getLogger(name);
        loggers.put(name, made);
        return made;
    }
}
