package org.handoff.http;

import java.time.Duration;

/**
 * Bounds the time between the last response and the end of a connection. A socket closed while the client still sends
 * is reset, and a reset takes the response from the client that has not read it yet; so what it sends is read and
 * thrown away for a while.
 */
final class LingeringClose {

    private static final long PATIENCE = Duration.ofSeconds(5).toNanos();
    private static final long ENOUGH = 4L << 20;

    private final long since = System.nanoTime();
    private long discarded;

    /** Whether, with these bytes, so many were thrown away that the client is not going to stop. */
    boolean isEnough(int count) {
        discarded += count;
        return discarded > ENOUGH;
    }

    boolean isOver(long now) {
        return now - since > PATIENCE;
    }
}
