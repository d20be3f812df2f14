package org.handoff.worker.pool.internal.supervision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.junit.jupiter.api.Test;

class LifetimeTest {

    @Test
    void eachWorkersLimitsAreLessByItsPartOfTheJitter() {
        PoolPolicy policy =
                policy(Map.of("max_requests", 1000, "max_requests_jitter", 20, "max_age", 100, "max_age_jitter", 50));
        assertEquals(1000, new Lifetime(0, 0).maxRequests(policy));
        assertEquals(900, new Lifetime(0.5, 0).maxRequests(policy));
        assertEquals(810, new Lifetime(0.5, 0).enoughRequests(policy));
        assertEquals(800, new Lifetime(1, 0).maxRequests(policy));
        assertEquals(TimeUnit.SECONDS.toNanos(100), new Lifetime(1, 0).maxAgeNanos(policy));
        assertEquals(TimeUnit.SECONDS.toNanos(50), new Lifetime(0, 1).maxAgeNanos(policy));
    }

    @Test
    void withoutALimitThereIsNone() {
        PoolPolicy policy = policy(Map.of());
        assertEquals(0, Lifetime.random().maxRequests(policy));
        assertEquals(0, Lifetime.random().enoughRequests(policy));
        assertEquals(0, Lifetime.random().maxAgeNanos(policy));
    }

    @Test
    void evenAllOfTheJitterLeavesSomething() {
        PoolPolicy policy = policy(Map.of("max_requests", 1, "max_requests_jitter", 100));
        assertEquals(1, new Lifetime(1, 0).maxRequests(policy));
        assertEquals(1, new Lifetime(1, 0).enoughRequests(policy));
    }

    private static PoolPolicy policy(Map<String, Object> values) {
        return PoolPolicy.of(TestPoolConfig.of(values), Map.of());
    }
}
