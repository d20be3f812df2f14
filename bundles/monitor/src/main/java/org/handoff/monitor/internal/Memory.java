package org.handoff.monitor.internal;

/**
 * The memory that all connections together use in this process, in bytes, and its bound. Above the bound memory is
 * freed down to an eighth below it, so that not each further byte starts a search for more. On the event loop only.
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

    /** Whether there is room again for further bytes. */
    boolean isRelieved() {
        return used <= bound - bound / 8;
    }
}
