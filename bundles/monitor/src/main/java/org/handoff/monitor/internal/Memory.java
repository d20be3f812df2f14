package org.handoff.monitor.internal;

/**
 * The memory that all connections together take in this process, in bytes, against a bound. What exceeds it is freed
 * down to an eighth below, so that not each further byte makes somebody look for the next ones. On the event loop only.
 */
final class Memory {

    private long bound = Long.MAX_VALUE;
    private long used;

    /** Sets the bound, which holds from the next look on. */
    void bound(long bytes) {
        bound = bytes;
    }

    long bound() {
        return bound;
    }

    /** Counts bytes, or with a negative number bytes that are free again. */
    void add(long bytes) {
        used += bytes;
    }

    long used() {
        return used;
    }

    boolean isExceeded() {
        return used > bound;
    }

    /** Whether so much is free that others may have some. */
    boolean isRelieved() {
        return used <= bound - bound / 8;
    }
}
