package org.handoff.worker.pool.internal.output;

import java.util.HashMap;
import java.util.List;
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

    /**
     * The loggers, with those below them, that Karaf's audit of its users logs by, into a file without a worker's id. A
     * worker must not write there.
     */
    private static final List<String> AUDIT = List.of("audit", "org.apache.karaf.jaas.modules.audit");

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
        if (AUDIT.stream().anyMatch(audit -> (name + ".").startsWith(audit + "."))) {
            return KarafLog.LINES;
        }
        Logger logger = loggers.get(name);
        return logger != null ? logger : made(pool, name);
    }

    private synchronized Logger made(String pool, String name) {
        Logger known = loggers.get(name);
        if (known != null) {
            return known;
        }
        int before = brought.getOrDefault(pool, 0);
        if (name.isBlank() || before == most) {
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
