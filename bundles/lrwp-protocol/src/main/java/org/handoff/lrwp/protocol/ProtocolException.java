package org.handoff.lrwp.protocol;

import java.io.IOException;

/**
 * The other end said what LRWP does not allow, so that nobody knows where its next message begins. Without a stack
 * trace, because anybody who may connect can cause it.
 */
public final class ProtocolException extends IOException {

    private static final long serialVersionUID = 1L;

    /** @param message what was said, for the log */
    public ProtocolException(String message) {
        super(message);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
