package org.handoff.http.internal.connection;

import java.time.Duration;

/**
 * Bounds the time between the last response and the end of a connection. A socket closed while the client still sends
 * is reset, and a reset takes the response from the client that has not read it yet; and some read only when they have
 * sent everything. So what it sends is read and thrown away, until it is silent or it has been enough.
 */
final class LingeringClose {

    private static final long SILENCE = Duration.ofSeconds(5).toNanos();
    private static final long LONGEST = Duration.ofSeconds(30).toNanos();
    private static final long ENOUGH = 1L << 30;

    private final long since = System.nanoTime();
    private long heard = since;
    private long discarded;

    /** Whether, with these bytes, so many were thrown away that the client is not going to stop. */
    boolean isEnough(int count) {
        heard = System.nanoTime();
        discarded += count;
        return discarded > ENOUGH;
    }

    boolean isOver(long now) {
        return now - since > LONGEST || now - heard > SILENCE;
    }
}
