package org.handoff.http.limits;

import java.time.Duration;

/**
 * The minimum speed of a client: the allowed time grows by a second for each 500 bytes moved, so that only a client
 * that moves nothing uses it up. Bytes moved long ago earn nothing: a client that was fast for the allowed time begins
 * anew, and is soon found out when it stops. For one thread at a time.
 */
public final class MinimumRate {

    private static final long NANOS_PER_BYTE = 1_000_000_000L / 500;

    private long started;
    private long patience;
    private long bytesBefore;

    /** Begins to watch. @param allowed how long no byte may move */
    public void start(Duration allowed) {
        started = System.nanoTime();
        patience = allowed.toNanos();
        bytesBefore = 0;
    }

    /**
     * Whether the client is too slow.
     *
     * @param now by {@link System#nanoTime}
     * @param bytes the number of bytes moved since {@link #start}
     */
    public boolean late(long now, long bytes) {
        long elapsed = now - started;
        long earned = (bytes - bytesBefore) * NANOS_PER_BYTE;
        if (elapsed > patience && earned >= patience) {
            started = now;
            bytesBefore = bytes;
            return false;
        }
        return elapsed > patience + earned;
    }
}
