package org.handoff.worker.runtime;

import java.util.Locale;

/** How a pool's requests reach its workers: {@code HANDOFF_DISPATCH}, docs/worker-protocol.md, "Dispatch". */
enum Dispatch {

    /** A worker keeps the connections it has. */
    CONNECTION,
    /** A worker has one request at a time. */
    REQUEST,
    /** A worker keeps its connections while its handlers are quick. */
    ADAPTIVE;

    /** @throws IllegalArgumentException if there is no such one */
    static Dispatch of(String name) {
        for (Dispatch one : values()) {
            if (one.name().toLowerCase(Locale.ROOT).equals(name)) {
                return one;
            }
        }
        throw new IllegalArgumentException("HANDOFF_DISPATCH is " + name + "; it must be connection, request or adaptive");
    }
}
