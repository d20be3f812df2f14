package org.handoff.worker.pool.internal.dispatch;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.CrashLimit;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.supervision.CrashLoop;

/**
 * The generations of a pool: the serving one, and the next one, which has no ready worker yet; with the deaths of their
 * workers. On the event loop only; times are those of {@link System#nanoTime}.
 */
final class Rollout {

    /** A suspect generation has one attempt. */
    private static final CrashLimit ONE_DEATH = new CrashLimit(1, 1);
    /** The pause after an attempt that ran out of time, as a multiple of that time, while another generation serves. */
    private static final int LATE_PAUSES = 9;

    /** Of {@link #current} and {@link #next}. */
    private final Map<Generation, CrashLoop> crashLoops = new HashMap<>();
    /** The serving generation; null before the first. */
    private Generation current;
    /** The numbers of those of its handlers that did not work in its first worker. */
    private Set<Integer> failing = Set.of();
    /** The starting generation without a ready worker, or null. */
    private Generation next;

    private boolean nextSuspect;
    private long nextSince;
    /** Decides about {@link #next}. */
    private Roller roller;

    /** Begins with the next generation. @param suspect whether it may make workers die */
    void begin(Generation generation, boolean suspect, Roller asked, long now) {
        next = generation;
        nextSuspect = suspect;
        nextSince = now;
        roller = asked;
        crashLoops.put(generation, new CrashLoop());
    }

    /** Gives up the starting generation. @return that generation; null for none */
    Generation giveUp() {
        Generation given = next;
        next = null;
        crashLoops.remove(given);
        return given;
    }

    /** No generation serves any more. */
    void end() {
        crashLoops.remove(current);
        current = null;
    }

    /**
     * The first worker of the starting generation is ready: it serves from now on, unless it is refused.
     *
     * @param failures the reasons for the handlers that the worker cannot serve, by their numbers
     * @return false if the generation is refused, and to be given up
     */
    boolean serves(Map<Integer, String> failures) {
        if (!roller.accepts(next, failures)) {
            return false;
        }
        crashLoops.remove(current);
        current = next;
        failing = Set.copyOf(failures.keySet());
        next = null;
        return true;
    }

    /**
     * The handlers that the serving generation serves, and one of its workers does not.
     *
     * @param failures as for {@link #serves}
     * @return their numbers and the reasons
     */
    SortedMap<Integer, String> missing(Map<Integer, String> failures) {
        SortedMap<Integer, String> missing = new TreeMap<>(failures);
        missing.keySet()
                .removeIf(number -> failing.contains(number)
                        || number < 1
                        || number > current.handlers().size());
        return missing;
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

    /** Whether it is neither the serving nor the next generation. */
    boolean isFormer(Generation generation) {
        return generation != current && generation != next;
    }

    Roller roller() {
        return roller;
    }

    /** The deaths of a generation's workers; null for a former one. */
    CrashLoop crashes(Generation generation) {
        return crashLoops.get(generation);
    }

    /** The number of workers to be started of the next generation. @param wanted the pool's number */
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
     * The shortest time before the next attempt. A long attempt costs a processor that serving workers could use:
     * attempts get a tenth of the time at most, and half of it while none serves.
     */
    long pauseNanos(PoolPolicy policy, long now) {
        return isLate(policy, now) ? (now - nextSince) * (current == null ? 1 : LATE_PAUSES) : 0;
    }
}
