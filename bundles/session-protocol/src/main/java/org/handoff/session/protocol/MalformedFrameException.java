package org.handoff.session.protocol;

import java.io.IOException;

/** Bytes that are not a frame: nothing more can be read from the connection. */
public final class MalformedFrameException extends IOException {

    private static final long serialVersionUID = 1;

    /** @param message what is wrong; nothing of the frame's content */
    public MalformedFrameException(String message) {
        super(message);
    }
}
