package org.handoff.worker.pool.internal.supervision;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.CrashLimit;

/**
 * The deaths of one generation's workers. After few of them, workers are replaced at once. After the number in the
 * limit the generation is crash-looping: one worker at a time is started as a probe, with exponential back-off, until
 * one holds. On the event loop only; times are those of {@link System#nanoTime}.
 */
public final class CrashLoop {

    /** A probe that was ready for this time holds: the cause is gone. */
    static final long HOLD_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Deque<Long> deaths = new ArrayDeque<>();
    /** Not null while it is crash-looping. */
    private BackOff backOff;
    /** The present probe, or null. */
    private String probe;

    private long nextProbe;
    private String lastReason;
    /** The reason of the last failed start; null if it did not fail. */
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

    /** A worker has died that was never ready. To be called beside {@link #died}. */
    public void startFailed(String reason) {
        startFailure = reason;
    }

    /** A worker is ready. @return whether that ends a time in which none could be started */
    public boolean ready() {
        boolean failed = startFailure != null;
        startFailure = null;
        return failed;
    }

    /** Whether a leaving worker might not be replaced. */
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

    /** How many of the missing workers may start now. */
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

    /** A worker has left without dying. */
    public void left(String worker) {
        if (worker.equals(probe)) {
            probe = null;
        }
    }

    /** The present probe, or null. */
    String probe() {
        return probe;
    }

    /** The crash loop is over. */
    void held() {
        backOff = null;
        probe = null;
    }

    /** The time of the next probe, by {@link System#nanoTime}; of use while crash-looping. */
    public long nextProbe() {
        return nextProbe;
    }

    /** Seconds to the next probe, 1 at least: for clients. */
    public int retrySeconds(long now) {
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toSeconds(nextProbe - now + TimeUnit.SECONDS.toNanos(1) - 1));
    }

    /** The state for people; empty if there is no problem. */
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
