package org.handoff.worker.pool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

class BackOffTest {

    private final BackOff backOff = new BackOff();

    @Test
    void theDelayDoublesUpToAMinute() {
        for (long expected : new long[] {0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000}) {
            assertEquals(expected, backOff.afterExit(0));
        }
    }

    @Test
    void aWorkerThatWasWellStartsItAnew() {
        backOff.afterExit(0);
        backOff.afterExit(0);
        assertEquals(2000, backOff.afterExit(TimeUnit.SECONDS.toNanos(9)));
        assertEquals(0, backOff.afterExit(TimeUnit.SECONDS.toNanos(10)));
        assertEquals(1000, backOff.afterExit(0));
    }
}
