package org.handoff.http;

import java.time.Duration;

/**
 * The least speed of a client: the time allowed grows by a second for each 500 bytes moved, so that patience is only
 * used up by those who do not move.
 */
final class Pace {

    private static final long NANOS_PER_BYTE = 1_000_000_000L / 500;

    private long started;
    private long patience;

    void start(Duration allowed) {
        started = System.nanoTime();
        patience = allowed.toNanos();
    }

    boolean late(long now, long bytes) {
        return now - started > patience + bytes * NANOS_PER_BYTE;
    }
}
