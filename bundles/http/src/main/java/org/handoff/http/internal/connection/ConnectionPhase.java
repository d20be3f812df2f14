package org.handoff.http.internal.connection;

import java.util.EnumSet;
import java.util.Set;

import org.handoff.http.HttpConnection;

/**
 * What a connection is doing, more closely than its owner needs to know:
 *
 * <pre>
 * NEW ──▶ IDLE ──▶ READING_HEAD ──▶ READING_BODY ──▶ HANDLING ──▶ ANSWERING ──▶ LINGERING ──▶ GONE
 *          ▲             └───────────────────────────────▲           │
 *          └─────────────────────────────────────────────────────────┘
 * </pre>
 *
 * It leaves (LEAVING ──▶ GONE) as long as no handler was called, and lingers where it is refused. It may be gone at any
 * time.
 */
enum ConnectionPhase {
    /** The channel may not be registered yet: bytes wait. */
    NEW(HttpConnection.State.IDLE),
    /** Between two requests. */
    IDLE(HttpConnection.State.IDLE),
    /** A request has begun, and its head is incomplete or not looked at. */
    READING_HEAD(HttpConnection.State.READING),
    /** The head of a request was taken, its body is arriving. */
    READING_BODY(HttpConnection.State.READING),
    /** The request is complete: its handler waits for its turn, or runs. */
    HANDLING(HttpConnection.State.HANDLING),
    /** The first bytes of the response were written. */
    ANSWERING(HttpConnection.State.ANSWERING),
    /** The last response was written; further bytes of the client are dropped. */
    LINGERING(HttpConnection.State.ANSWERING),
    /** The connection leaves its event loop, to be given to its owner. */
    LEAVING(null),
    /** The connection belongs to the owner again, or has ended. */
    GONE(null);

    private static final Set<ConnectionPhase> UNHANDLED = EnumSet.of(NEW, IDLE, READING_HEAD, READING_BODY, HANDLING);

    private final HttpConnection.State told;
    private Set<ConnectionPhase> next;

    static {
        NEW.next = EnumSet.of(IDLE);
        IDLE.next = EnumSet.of(READING_HEAD);
        READING_HEAD.next = EnumSet.of(READING_BODY, HANDLING);
        READING_BODY.next = EnumSet.of(HANDLING);
        HANDLING.next = EnumSet.of(ANSWERING);
        ANSWERING.next = EnumSet.of(IDLE, LINGERING, GONE);
        LINGERING.next = EnumSet.of(GONE);
        LEAVING.next = EnumSet.of(GONE);
        GONE.next = EnumSet.noneOf(ConnectionPhase.class);
        UNHANDLED.forEach(phase -> phase.next.addAll(EnumSet.of(LINGERING, LEAVING, GONE)));
    }

    ConnectionPhase(HttpConnection.State told) {
        this.told = told;
    }

    boolean mayBecome(ConnectionPhase phase) {
        return next.contains(phase);
    }

    /** The state told to the owner; null for none. */
    HttpConnection.State told() {
        return told;
    }

    /** Whether the next request is awaited, or is arriving. */
    boolean isReading() {
        return this == IDLE || this == READING_HEAD || this == READING_BODY;
    }
}
