package org.handoff.lrwp.protocol;

import java.io.IOException;

/**
 * The other end broke LRWP, so that the beginning of its next message is unknown. Without a stack trace, because any
 * client can cause it.
 */
public final class ProtocolException extends IOException {

    private static final long serialVersionUID = 1L;

    /** @param message the fault, for the log */
    public ProtocolException(String message) {
        super(message);
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
