package org.handoff.worker.pool.internal.supervision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.CrashLimit;
import org.junit.jupiter.api.Test;

class CrashLoopTest {

    private static final CrashLimit LIMIT = new CrashLimit(3, 60);

    private final CrashLoop crashes = new CrashLoop();
    private long now = -5;

    @Test
    void belowTheLimitAllThatIsMissingMayStart() {
        for (int i = 0; i < 20; i++) {
            assertFalse(died("a"));
            assertEquals(4, crashes.allowed(4, now));
            pass(31_000);
        }
        assertEquals(0, crashes.allowed(-1, now));
        assertEquals("", crashes.problem());
    }

    @Test
    void atTheLimitOneIsTriedAtATimeEverLater() {
        loop();
        long delay = 1000;
        for (int i = 0; i < 10; i++) {
            assertEquals(delay / 1000, crashes.retrySeconds(now));
            pass(delay - 1);
            assertEquals(0, crashes.allowed(2, now));
            pass(1);
            assertEquals(1, crashes.allowed(2, now));
            assertEquals(1, crashes.retrySeconds(now), "never less");
            crashes.started("probe-" + i);
            pass(500);
            assertEquals(0, crashes.allowed(2, now), "one at a time");
            assertFalse(died("an older one"));
            assertEquals(0, crashes.allowed(2, now), "it still is the probe");
            assertFalse(died("probe-" + i));
            delay = Math.min(60_000, 2 * delay);
        }
        assertTrue(crashes.problem().contains("exit status 3"), crashes.problem());
    }

    @Test
    void startThatFailsIsAProblemUntilOneSucceeds() {
        assertFalse(crashes.isFailing());
        crashes.startFailed("no such program");
        assertFalse(died("a"));
        assertTrue(crashes.isFailing());
        assertTrue(
                crashes.problem().startsWith("not able to start workers")
                        && crashes.problem().contains("no such program"),
                crashes.problem());
        assertEquals(2, crashes.allowed(2, now), "tried again at once, below the limit");
        assertTrue(crashes.ready());
        assertFalse(crashes.ready());
        assertEquals("", crashes.problem());
        assertFalse(crashes.isFailing());
    }

    @Test
    void whenAProbeHoldsAllIsAsItWas() {
        loop();
        pass(1000);
        crashes.started("probe");
        crashes.held();
        assertFalse(crashes.isLooping());
        assertEquals(5, crashes.allowed(5, now));
        assertFalse(died("a"));
        assertFalse(died("b"));
        assertTrue(died("c"));
        assertEquals(1, crashes.retrySeconds(now), "the delays begin anew");
    }

    @Test
    void aProbeThatLeavesMakesWayForTheNext() {
        loop();
        pass(1000);
        crashes.started("probe");
        crashes.left("another");
        assertEquals(0, crashes.allowed(1, now));
        crashes.left("probe");
        assertEquals(1, crashes.allowed(1, now));
    }

    @Test
    void triesThatTakeLongAreCountedForLonger() {
        assertEquals(new CrashLimit(3, 60 + 3 * 20), LIMIT.stretchedBy(20));
        assertEquals(new CrashLimit(9, Integer.MAX_VALUE), new CrashLimit(9, 60).stretchedBy(Integer.MAX_VALUE));
    }

    private void loop() {
        assertFalse(died("a"));
        pass(1000);
        assertFalse(died("b"));
        pass(58_000);
        assertTrue(died("c"));
    }

    private boolean died(String worker) {
        return crashes.died(worker, "exit status 3", LIMIT, now);
    }

    private void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
