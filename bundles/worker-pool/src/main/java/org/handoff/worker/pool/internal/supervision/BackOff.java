package org.handoff.worker.pool.internal.supervision;

/** Delays between failing attempts: each twice as long as the one before, from a second to a minute. */
public final class BackOff {

    private static final long FIRST_MILLIS = 1000;
    private static final long LONGEST_MILLIS = 60_000;

    private long next = FIRST_MILLIS;

    /** The delay in milliseconds before the next attempt. */
    public long nextMillis() {
        long delay = next;
        next = Math.min(LONGEST_MILLIS, 2 * next);
        return delay;
    }
}
