package org.handoff.worker.pool.internal.config;

import java.util.Map;

/**
 * The settings of the pool itself, unknown to its workers. They belong to no generation: a change takes effect at once.
 *
 * @param workers the initial number
 * @param minWorkers the number that remains when idle
 * @param maxWorkers the largest number, when connections wait
 * @param maxRequests 0 for no limit, as of all limits here
 * @param maxMemory bytes
 * @param maxMemoryPool bytes
 * @param settleSeconds how long former code serves a context whose bundle has gone
 * @param dumpCommand the program that dumps a worker; null where workers do that themselves
 */
public record PoolPolicy(
        int workers,
        int minWorkers,
        int maxWorkers,
        int idleSeconds,
        int startSeconds,
        int drainSeconds,
        int queueLength,
        int queueSeconds,
        int maxRequests,
        int maxRequestsJitter,
        int maxAgeSeconds,
        int maxAgeJitter,
        long maxMemory,
        long maxMemoryPool,
        int requestSeconds,
        int heartbeatSeconds,
        CrashLimit crashLimit,
        int settleSeconds,
        DumpCommand dumpCommand) {

    private static final int AS_WORKERS = -1;

    /** @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy */
    public static PoolPolicy of(PoolConfig config, Map<String, Object> properties) {
        PoolValues values = new PoolValues(properties);
        int workers = values.atLeast(0, "workers", config::workers);
        int min = values.atLeast(AS_WORKERS, "min.workers", config::min_workers);
        int max = values.atLeast(AS_WORKERS, "max.workers", config::max_workers);
        checkWorkers(workers, min, max);
        return new PoolPolicy(
                workers,
                min == AS_WORKERS ? workers : min,
                max == AS_WORKERS ? workers : max,
                values.atLeast(1, "idle.timeout", config::idle_timeout),
                values.atLeast(1, "start.timeout", config::start_timeout),
                values.atLeast(1, "drain.timeout", config::drain_timeout),
                values.atLeast(0, "queue.length", config::queue_length),
                values.atLeast(1, "queue.timeout", config::queue_timeout),
                values.atLeast(0, "max.requests", config::max_requests),
                values.between(0, 100, "max.requests.jitter", config::max_requests_jitter),
                values.atLeast(0, "max.age", config::max_age),
                values.between(0, 100, "max.age.jitter", config::max_age_jitter),
                PoolValues.bytes("max.memory", config.max_memory()),
                PoolValues.bytes("max.memory.pool", config.max_memory_pool()),
                values.atLeast(0, "request.timeout", config::request_timeout),
                values.atLeast(0, "heartbeat", config::heartbeat),
                CrashLimit.of(config.crash_limit()),
                values.atLeast(0, "settle.time", config::settle_time),
                DumpCommand.of(config));
    }

    /** @param min -1 for as many as workers. @param max the same */
    public static void checkWorkers(int workers, int min, int max) {
        if (max == 0 || max == AS_WORKERS && workers == 0) {
            throw new IllegalArgumentException("workers = " + workers + ": a pool that may never have a worker; write "
                    + "1 or more, or set max.workers to 1 or more");
        }
        if (max != AS_WORKERS && workers > max) {
            throw new IllegalArgumentException("workers = " + workers + ": more than max.workers = " + max + "; write "
                    + max + " or less, or change max.workers");
        }
        if (min != AS_WORKERS && workers < min) {
            throw new IllegalArgumentException("workers = " + workers + ": less than min.workers = " + min + "; write "
                    + min + " or more, or change min.workers");
        }
    }
}
