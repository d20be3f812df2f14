package org.handoff.http.limits;

import java.util.concurrent.TimeUnit;

/**
 * A repeated event that clients can cause by the thousand, reported in the log once a minute at most, with its count.
 * For one thread at a time.
 */
public final class Complaint {

    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private long times;
    private long untold;
    private long toldAt;
    private boolean told;

    /** The event has happened once more. */
    public void happens() {
        times++;
        untold++;
    }

    /**
     * The number of events since the last report; they count as reported now.
     *
     * @param now by {@link System#nanoTime}
     * @return 0 if there is nothing to report, or its minute is not over
     */
    public long take(long now) {
        if (untold == 0 || told && now - toldAt < PAUSE_NANOS) {
            return 0;
        }
        told = true;
        toldAt = now;
        long taken = untold;
        untold = 0;
        return taken;
    }

    /** The number of events in all. */
    public long times() {
        return times;
    }
}
