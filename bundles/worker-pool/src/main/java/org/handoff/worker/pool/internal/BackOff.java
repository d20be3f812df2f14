package org.handoff.worker.pool.internal;

import java.util.concurrent.TimeUnit;

/** How long to wait before the next start, after workers that ended too early: nothing at first, then ever longer. */
final class BackOff {

    private static final long FIRST_MILLIS = 1000;
    private static final long LONGEST_MILLIS = 60_000;

    /** A worker that was ready for so long ended for a reason of its own. */
    private static final long HEALTHY_NANOS = TimeUnit.SECONDS.toNanos(10);

    private long next;

    /** The delay in milliseconds before a replacement starts. @param readyNanos how long the worker was ready */
    long afterExit(long readyNanos) {
        if (readyNanos >= HEALTHY_NANOS) {
            next = 0;
        }
        long delay = next;
        next = next == 0 ? FIRST_MILLIS : Math.min(LONGEST_MILLIS, 2 * next);
        return delay;
    }
}
