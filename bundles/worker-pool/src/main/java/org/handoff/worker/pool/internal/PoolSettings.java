package org.handoff.worker.pool.internal;

import java.util.Map;

/**
 * A pool's configuration, checked.
 *
 * @param name the pool's name
 * @param workers what its worker processes are started with: a change makes a new generation of them
 * @param policy what only the pool itself acts by: a change takes effect at once, on the workers that are there
 */
record PoolSettings(String name, WorkerSettings workers, PoolPolicy policy) {

    /** @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy */
    static PoolSettings of(String name, PoolConfig config, Map<String, Object> properties) {
        return new PoolSettings(name, WorkerSettings.of(config, properties), PoolPolicy.of(config, properties));
    }
}
