package org.handoff.http.limits;

import java.util.concurrent.TimeUnit;

/**
 * Something that strangers can cause by the thousand, and that is told in the log once a minute, with how often it was.
 * For one thread at a time.
 */
public final class Complaint {

    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private long times;
    private long untold;
    private long toldAt;
    private boolean told;

    /** It has happened once more. */
    public void happens() {
        times++;
        untold++;
    }

    /**
     * How often it has happened since it was told last; that counts as told now.
     *
     * @param now by {@link System#nanoTime}
     * @return 0 where there is nothing to tell, or its minute is not over
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

    /** How often it has happened in all. */
    public long times() {
        return times;
    }
}
