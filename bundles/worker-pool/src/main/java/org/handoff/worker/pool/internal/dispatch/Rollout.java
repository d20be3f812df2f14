package org.handoff.worker.pool.internal.dispatch;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.CrashLimit;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.supervision.CrashLoop;

/**
 * The generations of a pool: the one that serves, and the one that is to replace it, which has no ready worker yet; with
 * what their workers die of. On the event loop only; times are those of {@link System#nanoTime}.
 */
final class Rollout {

    /** A generation that may be at fault has one try. */
    private static final CrashLimit ONE_DEATH = new CrashLimit(1, 1);
    /** How many times as long as a try that ran out of time the pause behind it is, while others serve. */
    private static final int LATE_PAUSES = 9;

    /** Of {@link #current} and {@link #next}. */
    private final Map<Generation, CrashLoop> crashLoops = new HashMap<>();
    /** The one that serves; null before the first. */
    private Generation current;
    /** The one that is starting and has no ready worker yet, or null. */
    private Generation next;

    private boolean nextSuspect;
    private long nextSince;
    /** Who is asked about {@link #next}. */
    private Roller roller;

    /** Another generation is to replace the one that serves. @param suspect whether it may make workers die */
    void begin(Generation generation, boolean suspect, Roller asked, long now) {
        next = generation;
        nextSuspect = suspect;
        nextSince = now;
        roller = asked;
        crashLoops.put(generation, new CrashLoop());
    }

    /** The one that is starting is given up. @return which one; null where there was none */
    Generation giveUp() {
        Generation given = next;
        next = null;
        crashLoops.remove(given);
        return given;
    }

    /** None serves any more. */
    void end() {
        crashLoops.remove(current);
        current = null;
    }

    /**
     * The one that is starting has a worker that is ready: it serves from now on, unless that is refused.
     *
     * @param failures why not, by number, of the handlers that the worker cannot serve
     * @return false if it is refused, and to be given up
     */
    boolean serves(Map<Integer, String> failures) {
        if (!roller.accepts(next, failures)) {
            return false;
        }
        crashLoops.remove(current);
        current = next;
        next = null;
        return true;
    }

    Generation current() {
        return current;
    }

    Generation next() {
        return next;
    }

    boolean isCurrent(Generation generation) {
        return generation == current;
    }

    boolean isNext(Generation generation) {
        return generation == next;
    }

    /** Whether it is neither the one that serves nor the one that is to. */
    boolean isFormer(Generation generation) {
        return generation != current && generation != next;
    }

    Roller roller() {
        return roller;
    }

    /** The deaths of a generation's workers; null where it is a former one. */
    CrashLoop crashes(Generation generation) {
        return crashLoops.get(generation);
    }

    /** How many workers are to be started of the next one. @param wanted how many the pool has */
    int tried(int wanted) {
        return nextSuspect ? 1 : Math.max(1, wanted);
    }

    /** How many workers of a generation may die. @param wasReady whether the one that died had been ready */
    CrashLimit limit(Generation generation, boolean wasReady, PoolPolicy policy, long now) {
        if (isNext(generation) && (nextSuspect || isLate(policy, now))) {
            return ONE_DEATH;
        }
        return wasReady ? policy.crashLimit() : policy.crashLimit().stretchedBy(policy.startSeconds());
    }

    private boolean isLate(PoolPolicy policy, long now) {
        return now - nextSince >= TimeUnit.SECONDS.toNanos(policy.startSeconds());
    }

    /**
     * How long the next one must not be tried again at least. A try that takes so long costs a processor, which who
     * serves could use: it has a tenth of the time at most, and half of it where nobody serves.
     */
    long pauseNanos(PoolPolicy policy, long now) {
        return isLate(policy, now) ? (now - nextSince) * (current == null ? 1 : LATE_PAUSES) : 0;
    }
}
