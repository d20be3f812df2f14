package org.handoff.http.internal.connection;

import java.time.Duration;

/**
 * Bounds the time between the last response and the end of a connection. A socket closed while the client still sends
 * is reset, and a reset takes the response from a client that has not read it yet; some clients read only after they
 * have sent everything. So the client's bytes are read and dropped, until the client is silent or a limit is reached.
 */
final class LingeringClose {

    private static final long SILENCE = Duration.ofSeconds(5).toNanos();
    private static final long LONGEST = Duration.ofSeconds(30).toNanos();
    private static final long ENOUGH = 1L << 30;

    private final long since = System.nanoTime();
    private long heard = since;
    private long discarded;

    /** Whether the dropped bytes, with these, have reached the limit. */
    boolean isEnough(int count) {
        heard = System.nanoTime();
        discarded += count;
        return discarded > ENOUGH;
    }

    boolean isOver(long now) {
        return now - since > LONGEST || now - heard > SILENCE;
    }
}
