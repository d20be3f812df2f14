package org.handoff.http.internal.response;

/** The progress of a response: {@code HEAD ──▶ BODY ──▶ OVER}, or directly from HEAD to OVER. */
enum ResponsePhase {
    /** The head may still change. */
    HEAD,
    /** The head is final, and the body has begun. */
    BODY,
    /** Nothing may be added. */
    OVER;

    /**
     * The next phase.
     *
     * @throws IllegalStateException if the response has passed that phase
     */
    ResponsePhase become(ResponsePhase next) {
        if (next.compareTo(this) <= 0) {
            throw new IllegalStateException("A response in phase " + this + " does not become " + next);
        }
        return next;
    }
}
