package org.handoff.worker.pool.internal.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.CrashLimit;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.plan.Generation;
import org.junit.jupiter.api.Test;

/** Which generation of a pool serves, and what the next one is allowed. */
class RolloutTest {

    private static final long BEGIN = System.nanoTime();
    private static final long START = TimeUnit.SECONDS.toNanos(60);
    private static final CrashLimit ONE_DEATH = new CrashLimit(1, 1);

    private final Generation first = new Generation(1, null, List.of());
    private final Generation second = new Generation(2, null, List.of());
    private final PoolPolicy policy = TestPoolConfig.policy(Map.of("start_timeout", 60, "crash_limit", "3/10"));
    private final Rollout rollout = new Rollout();
    private boolean accepts = true;
    private final Roller roller = new Roller() {
        @Override
        public boolean accepts(Generation next, Map<Integer, String> failures) {
            return accepts;
        }

        @Override
        public void startFailed(Generation next, String reason) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void crashes(Generation next, String reason, long pauseNanos) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void problem(String problem) {
            throw new UnsupportedOperationException();
        }
    };

    private void serve(Generation generation) {
        rollout.begin(generation, false, roller, BEGIN);
        assertTrue(rollout.serves(Map.of()));
    }

    @Test
    void generationServesOnceItsWorkerIsReady() {
        serve(first);
        rollout.begin(second, false, roller, BEGIN);
        assertSame(first, rollout.current());
        assertSame(second, rollout.next());
        assertTrue(rollout.serves(Map.of()));
        assertSame(second, rollout.current());
        assertNull(rollout.next());
        assertTrue(rollout.isFormer(first));
        assertNull(rollout.crashes(first));
        assertNotNull(rollout.crashes(second));
    }

    @Test
    void refusedGenerationLeavesThePresentOneAsItIs() {
        serve(first);
        rollout.begin(second, false, roller, BEGIN);
        accepts = false;
        assertFalse(rollout.serves(Map.of(1, "no package x")));
        assertSame(second, rollout.giveUp());
        assertNull(rollout.giveUp());
        assertSame(first, rollout.current());
        assertTrue(rollout.isFormer(second));
        assertNull(rollout.crashes(second));
    }

    @Test
    void nothingServesAtTheEnd() {
        serve(first);
        rollout.end();
        assertNull(rollout.current());
        assertTrue(rollout.isFormer(first));
    }

    @Test
    void suspectHasOneWorkerAndOneTry() {
        serve(first);
        rollout.begin(second, true, roller, BEGIN);
        assertEquals(1, rollout.tried(4));
        assertEquals(ONE_DEATH, rollout.limit(second, false, policy, BEGIN));
        rollout.giveUp();
        rollout.begin(second, false, roller, BEGIN);
        assertEquals(4, rollout.tried(4));
        assertEquals(1, rollout.tried(0), "one at least, which tells whether it serves");
        assertEquals(policy.crashLimit().stretchedBy(60), rollout.limit(second, false, policy, BEGIN));
    }

    @Test
    void generationThatServesHasTheConfiguredLimit() {
        serve(first);
        assertEquals(policy.crashLimit(), rollout.limit(first, true, policy, BEGIN + 2 * START));
        assertEquals(policy.crashLimit().stretchedBy(60), rollout.limit(first, false, policy, BEGIN + 2 * START));
    }

    @Test
    void tryThatRanOutOfTimePauses() {
        rollout.begin(first, false, roller, BEGIN);
        assertEquals(0, rollout.pauseNanos(policy, BEGIN + START - 1));
        assertEquals(ONE_DEATH, rollout.limit(first, false, policy, BEGIN + START));
        assertEquals(START, rollout.pauseNanos(policy, BEGIN + START), "as long again where nobody serves");
        serve(first);
        rollout.begin(second, false, roller, BEGIN);
        assertEquals(9 * START, rollout.pauseNanos(policy, BEGIN + START), "a tenth of the time where others serve");
    }
}
