package org.handoff.worker.protocol;

import java.io.IOException;

/** The other side broke docs/worker-protocol.md. */
public class ProtocolException extends IOException {

    private static final long serialVersionUID = 1;

    /** @param message the received frame, and its fault */
    public ProtocolException(String message) {
        super(message);
    }
}
