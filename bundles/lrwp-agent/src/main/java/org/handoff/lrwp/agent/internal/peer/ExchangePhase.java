package org.handoff.lrwp.agent.internal.peer;

/**
 * The progress of an exchange, which ends when both the request and the response are complete:
 *
 * <pre>
 *            ┌──▶ SENT ──────┐
 * BEGUN ─────┤               ├──▶ OVER
 *            └──▶ RECEIVED ──┘
 * </pre>
 *
 * or at any time by a failure.
 */
enum ExchangePhase {
    /** Neither the request nor the response is complete. */
    BEGUN,
    /** The system has the whole request, and the response is not complete. */
    SENT,
    /** The whole response is here, and the request is not completely sent. */
    RECEIVED,
    /** The exchange is complete, or has failed. */
    OVER;

    /** The system has the whole request. */
    ExchangePhase sent() {
        return switch (this) {
            case BEGUN -> SENT;
            case RECEIVED -> OVER;
            case SENT, OVER -> throw new IllegalStateException("The request is sent a second time: " + this);
        };
    }

    /** The whole response is here. */
    ExchangePhase received() {
        return switch (this) {
            case BEGUN -> RECEIVED;
            case SENT -> OVER;
            case RECEIVED, OVER -> throw new IllegalStateException("The response ends a second time: " + this);
        };
    }

    boolean isSending() {
        return this == BEGUN || this == RECEIVED;
    }

    boolean isReceiving() {
        return this == BEGUN || this == SENT;
    }
}
