package org.handoff.worker.pool.internal.supervision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BackOffTest {

    @Test
    void theDelayDoublesUpToAMinute() {
        BackOff backOff = new BackOff();
        for (long expected : new long[] {1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000}) {
            assertEquals(expected, backOff.nextMillis());
        }
    }
}
