package org.handoff.session.store.internal.memory;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.handoff.session.protocol.Frames;

/** A session in memory. */
final class KeptSession {

    /** About 292 years: that of a session which never ends. */
    private static final long NEVER = Long.MAX_VALUE / 2;

    /** Tells sessions with the same due time apart. */
    final long number;

    final long created;
    Map<String, byte[]> attributes = new HashMap<>();
    String id;
    int maxInactive;
    long accessed;
    long accessedNanos;
    long bytes = Frames.OF_SESSION;
    /** Whether a client came back with it. */
    boolean isReturned;
    /** When to look whether it has ended; never later than its end. */
    long due;

    /** @param now in milliseconds since 1970 */
    KeptSession(long number, String id, long now) {
        this.number = number;
        this.id = id;
        this.created = now;
    }

    /** When it ends unless there is another access, in the store's nanoseconds. */
    long end() {
        return accessedNanos + (maxInactive > 0 ? TimeUnit.SECONDS.toNanos(maxInactive) : NEVER);
    }
}
