package org.handoff.lrwp.protocol;

/**
 * A response whose header cannot be sent to a client; its length is known, so the connection is still good. Without a
 * stack trace, because a peer can cause it as often as it likes.
 */
public final class MalformedHeadException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param message the fault, for the log */
    public MalformedHeadException(String message) {
        super(message, null, false, false);
    }
}
