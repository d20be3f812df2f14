package org.handoff.lrwp.agent.internal.supervised;

/**
 * The life of a process of the agent:
 *
 * <pre>
 * SERVING ──▶ RETIRING ──▶ TERMINATED ──▶ ENDED
 *    │            └────────────────────────▲ ▲
 *    └──▶ LOST ──────────────────────────────┘
 * </pre>
 */
enum ProcessLife {
    SERVING,
    /** The process finishes its requests, and is terminated then. */
    RETIRING,
    /** The process was told to exit. */
    TERMINATED,
    /** The process has exited without being told, and another one is to take its place. */
    LOST,
    /** The process has exited, and is not missed. */
    ENDED;

    /** The pool retires the process. */
    ProcessLife retire() {
        return switch (this) {
            case SERVING -> RETIRING;
            case LOST -> ENDED;
            case RETIRING, TERMINATED, ENDED -> this;
        };
    }

    ProcessLife exit() {
        return this == SERVING ? LOST : ENDED;
    }

    boolean hasExited() {
        return this == LOST || this == ENDED;
    }
}
