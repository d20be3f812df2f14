package org.handoff.worker.pool.internal.supervision;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.PoolPolicy;

/**
 * The lifetime of one worker, randomly a bit shorter than another's: so that a pool's workers, which start together, do
 * not go together. Limits are 0 for none.
 *
 * @param requests the part of the jitter of max.requests that is subtracted, from 0 to 1
 * @param age the part of the jitter of max.age that is subtracted, from 0 to 1
 */
public record Lifetime(double requests, double age) {

    /** At nine tenths of its requests a worker's replacement starts, to be ready when the worker has had the last. */
    private static final double EARLY = 0.9;

    public static Lifetime random() {
        return new Lifetime(
                ThreadLocalRandom.current().nextDouble(),
                ThreadLocalRandom.current().nextDouble());
    }

    /** The largest number of requests it may begin. */
    public long maxRequests(PoolPolicy policy) {
        return less(policy.maxRequests(), policy.maxRequestsJitter(), requests);
    }

    /** The number of requests after which it is to be replaced. */
    long enoughRequests(PoolPolicy policy) {
        return (long) Math.ceil(EARLY * maxRequests(policy));
    }

    long maxAgeNanos(PoolPolicy policy) {
        return less(TimeUnit.SECONDS.toNanos(policy.maxAgeSeconds()), policy.maxAgeJitter(), age);
    }

    private static long less(long limit, int percent, double part) {
        return limit == 0 ? 0 : Math.max(1, Math.round(limit * (1 - part * percent / 100)));
    }
}
