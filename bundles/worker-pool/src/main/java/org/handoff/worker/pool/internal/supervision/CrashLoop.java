package org.handoff.worker.pool.internal.supervision;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.CrashLimit;

/**
 * The deaths of one generation's workers. Few of them are replaced at once. From so many in so long on the generation
 * is crash-looping: one worker at a time is started as a probe, ever later, until one holds. On the event loop only;
 * times are those of {@link System#nanoTime}.
 */
public final class CrashLoop {

    /** A probe that was ready for so long holds: the cause is gone. */
    static final long HOLD_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Deque<Long> deaths = new ArrayDeque<>();
    /** Not null while it is crash-looping. */
    private BackOff backOff;
    /** The worker that is tried, or null where none is. */
    private String probe;

    private long nextProbe;
    private String lastReason;
    /** Why the last start failed; null where it did not. */
    private String startFailure;

    /**
     * A worker has died.
     *
     * @return whether the generation is crash-looping from now on, and was not before
     */
    public boolean died(String worker, String reason, CrashLimit limit, long now) {
        lastReason = reason;
        if (isLooping()) {
            if (worker.equals(probe)) {
                probeIn(backOff.nextMillis(), now);
            }
            return false;
        }
        deaths.add(now);
        while (now - deaths.peek() > TimeUnit.SECONDS.toNanos(limit.seconds())) {
            deaths.remove();
        }
        if (deaths.size() < limit.deaths()) {
            return false;
        }
        deaths.clear();
        backOff = new BackOff();
        probeIn(backOff.nextMillis(), now);
        return true;
    }

    /** A worker has died that was never ready. To be said beside {@link #died}. */
    public void startFailed(String reason) {
        startFailure = reason;
    }

    /** A worker is ready. @return whether that ends a time in which none could be started */
    public boolean ready() {
        boolean failed = startFailure != null;
        startFailure = null;
        return failed;
    }

    /** Whether nobody can count on it that a worker that goes is replaced. */
    public boolean isFailing() {
        return isLooping() || startFailure != null;
    }

    private void probeIn(long millis, long now) {
        probe = null;
        nextProbe = now + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    public boolean isLooping() {
        return backOff != null;
    }

    /** How many of the workers that are missing may start now. */
    public int allowed(int missing, long now) {
        if (!isLooping()) {
            return Math.max(0, missing);
        }
        return missing > 0 && probe == null && now - nextProbe >= 0 ? 1 : 0;
    }

    /** A worker starts: while crash-looping, it is the probe. */
    public void started(String worker) {
        if (isLooping()) {
            probe = worker;
        }
    }

    /** A worker has left in another way than by dying. */
    public void left(String worker) {
        if (worker.equals(probe)) {
            probe = null;
        }
    }

    /** The worker that is tried, or null where none is. */
    String probe() {
        return probe;
    }

    /** The crash loop is over. */
    void held() {
        backOff = null;
        probe = null;
    }

    /** When the next probe may start, by {@link System#nanoTime}; of account while it is crash-looping. */
    public long nextProbe() {
        return nextProbe;
    }

    /** Seconds to the next probe, 1 at least: what clients are told. */
    public int retrySeconds(long now) {
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toSeconds(nextProbe - now + TimeUnit.SECONDS.toNanos(1) - 1));
    }

    /** For people: what goes on; empty where all is well. */
    public String problem() {
        if (isLooping()) {
            return "crash-looping: workers die, the last one of " + lastReason + "; one at a time is tried, until one "
                    + "holds";
        }
        return startFailure == null
                ? ""
                : "not able to start workers, the last one ended: " + startFailure + "; those that are there go on";
    }
}
