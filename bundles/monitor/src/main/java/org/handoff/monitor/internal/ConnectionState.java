package org.handoff.monitor.internal;

/**
 * Who has a connection, from accept to close:
 *
 * <pre>
 * WAITING ── first bytes ──▶ (head complete, routed) ──▶ OFFERED ── handedOff ──▶ HELD ──▶ CLOSED
 *    ▲                                                       │ ◀──── notTaken ──── │
 *    └────────────────────────── given back ─────────────────┴─────────────────────┤
 *    └──────── response written ─────── COMPLETING ◀──────── holder dead ──────────┘
 * </pre>
 *
 * and from anywhere by an answer that ends it: LINGERING ──▶ CLOSED.
 */
enum ConnectionState {
    /** The monitor waits for a request, or for the rest of its head. */
    WAITING,
    /** A target was asked to take it, and has not decided yet. */
    OFFERED,
    /** Another process has it. */
    HELD,
    /** The process that had it is dead, and the monitor writes the rest of its response. */
    COMPLETING,
    /** The last answer was sent; further bytes of the client are dropped until it closes. */
    LINGERING,
    CLOSED
}
