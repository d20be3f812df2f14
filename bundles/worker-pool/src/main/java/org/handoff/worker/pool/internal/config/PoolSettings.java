package org.handoff.worker.pool.internal.config;

import java.util.Map;

/**
 * A pool's configuration, checked.
 *
 * @param name the pool's name
 * @param workers the settings of worker processes: a change makes a new generation
 * @param peers the settings of LRWP peers, likewise; null for a pool without
 * @param program the program of native workers; null for a pool without
 * @param files the files that the workers serve by themselves; null for a pool without
 * @param servlets the services of the HTTP Whiteboard that the workers serve; null for none
 * @param brought what Java workers have in addition to the needs of their handlers: a change changes their code
 * @param policy the settings of the pool itself: a change takes effect at once, on the present workers
 */
public record PoolSettings(
        String name,
        PoolKind kind,
        WorkerSettings workers,
        PeerSettings peers,
        NativeSettings program,
        FilesSettings files,
        ServletSettings servlets,
        Brought brought,
        PoolPolicy policy) {

    private static final String NAME = "[A-Za-z0-9_-]{1,40}";

    /** @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy */
    public static PoolSettings of(String name, PoolConfig config, Map<String, Object> properties) {
        if (!name.matches(NAME)) {
            throw new IllegalArgumentException("a name that no pool can have; name the file with 1 to 40 letters, "
                    + "digits, - and _ in place of " + name);
        }
        PoolKind kind = PoolKind.of(config.kind());
        WorkerSettings workers = WorkerSettings.of(config, properties);
        PoolPolicy policy = PoolPolicy.of(config, properties);
        if (kind != PoolKind.JAVA && kind != PoolKind.NATIVE && policy.minWorkers() == 0) {
            throw new IllegalArgumentException("min.workers = 0: nobody would know the contexts of a pool of peers "
                    + "without a process; write 1 or more");
        }
        PeerSettings peers = switch (kind) {
            case JAVA, NATIVE -> null;
            case LRWP -> PeerSettings.lrwp(name, config, workers);
            case CGI -> PeerSettings.cgi(name, config, properties, workers, policy.requestSeconds());
        };
        NativeSettings program = null;
        if (kind == PoolKind.NATIVE) {
            program = NativeSettings.of(name, config);
        } else {
            NativeSettings.checkAbsent(config);
        }
        return new PoolSettings(
                name,
                kind,
                workers,
                peers,
                program,
                FilesSettings.of(name, kind, config),
                ServletSettings.of(kind, config),
                Brought.of(config),
                policy);
    }
}
