package org.handoff.lrwp.agent.protocol;

/**
 * A peer that said what LRWP does not allow, so that nobody knows where its next message begins. Without a stack trace,
 * because anybody who may connect can cause it.
 */
public final class ProtocolException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param message what the peer said, for the log */
    public ProtocolException(String message) {
        super(message, null, false, false);
    }
}
