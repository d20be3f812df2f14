package org.handoff.worker.pool.internal.supervision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.junit.jupiter.api.Test;

class WatchTest {

    private final List<String> told = new ArrayList<>();
    private long handling;
    private long since;
    private long now = TimeUnit.HOURS.toNanos(-1);
    private PoolPolicy policy = policy(Map.of("request_timeout", 5, "heartbeat", 4));

    private final Watch watch = new Watch(
            new Watch.Watched() {
                @Override
                public long handling() {
                    return handling;
                }

                @Override
                public long handlingSince() {
                    return since;
                }

                @Override
                public void ping() {
                    told.add("ping");
                }

                @Override
                public void stuck(long connection, String why) {
                    told.add("stuck " + connection);
                }

                @Override
                public void kill(String why) {
                    told.add("kill");
                }
            },
            now);

    @Test
    void oneRequestOverTheLimitIsReportedOnceByTheMonitorsClock() {
        handling = 7;
        since = Long.MAX_VALUE;
        look(5000, 250);
        assertEquals(List.of(), stuck());
        assertEquals(TimeUnit.MILLISECONDS.toNanos(4750), watch.handlingNanos(now));
        look(250, 250);
        assertEquals(List.of("stuck 7"), stuck());
        assertTrue(watch.isStillStuck());
        look(10_000, 250);
        assertEquals(List.of("stuck 7"), stuck());
        since++;
        assertFalse(watch.isStillStuck());
        look(4000, 250);
        assertEquals(List.of("stuck 7"), stuck(), "another request on that connection");
        look(1500, 250);
        assertEquals(List.of("stuck 7", "stuck 7"), stuck());
    }

    @Test
    void manyShortRequestsAreNoLongOne() {
        for (int i = 0; i < 1000; i++) {
            handling = 7;
            since = i;
            look(250, 250);
        }
        handling = 0;
        look(20_000, 250);
        assertEquals(List.of(), stuck());
        assertEquals(0, watch.handlingNanos(now));
    }

    @Test
    void withoutALimitNothingIsTooLong() {
        policy = policy(Map.of("request_timeout", 0, "heartbeat", 0));
        handling = 7;
        look(3_600_000, 250);
        assertEquals(List.of(), told);
    }

    @Test
    void whoAnswersIsPingedAgainAndWhoDoesNotIsKilled() {
        for (int i = 1; i <= 10; i++) {
            look(1000, 250);
            assertEquals(i, told.size());
            watch.answered(now);
        }
        look(1000, 250);
        look(3750, 250);
        assertFalse(told.contains("kill"));
        look(250, 250);
        assertTrue(told.contains("kill"));
    }

    @Test
    void timeInWhichTheMonitorDidNotLookDoesNotCount() {
        look(1000, 250);
        assertEquals(List.of("ping"), told);
        for (int i = 0; i < 5; i++) {
            now += TimeUnit.SECONDS.toNanos(60);
            watch.check(now, TimeUnit.SECONDS.toNanos(60), policy);
        }
        assertEquals(List.of("ping"), told);
        look(4000, 250);
        assertTrue(told.contains("kill"));
    }

    private List<String> stuck() {
        return told.stream().filter(one -> one.startsWith("stuck")).toList();
    }

    private void look(long millis, long every) {
        for (long passed = 0; passed < millis; passed += every) {
            now += TimeUnit.MILLISECONDS.toNanos(every);
            watch.check(now, 0, policy);
        }
    }

    private static PoolPolicy policy(Map<String, Object> values) {
        return PoolPolicy.of(TestPoolConfig.of(values), Map.of());
    }
}
