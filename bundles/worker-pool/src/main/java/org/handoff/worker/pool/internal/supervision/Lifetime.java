package org.handoff.worker.pool.internal.supervision;

import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.PoolPolicy;

/**
 * How long one worker may live, by chance a bit less than another: so that a pool's workers, which start together, do
 * not go together. Limits are 0 where there are none.
 *
 * @param requests which part of the jitter of max.requests is taken off, from 0 to 1
 * @param age which part of the jitter of max.age is taken off, from 0 to 1
 */
public record Lifetime(double requests, double age) {

    /** At nine tenths of its requests a worker's replacement starts, to be ready when the worker has had the last. */
    private static final double EARLY = 0.9;

    public static Lifetime random() {
        return new Lifetime(
                ThreadLocalRandom.current().nextDouble(),
                ThreadLocalRandom.current().nextDouble());
    }

    /** The most requests it may begin. */
    public long maxRequests(PoolPolicy policy) {
        return less(policy.maxRequests(), policy.maxRequestsJitter(), requests);
    }

    /** After how many requests it is to be replaced. */
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
