package org.handoff.worker.protocol;

import java.io.IOException;

/** The other side sent what docs/worker-protocol.md does not allow. */
public class ProtocolException extends IOException {

    private static final long serialVersionUID = 1;

    /** @param message what came, and what is wrong with it */
    public ProtocolException(String message) {
        super(message);
    }
}
