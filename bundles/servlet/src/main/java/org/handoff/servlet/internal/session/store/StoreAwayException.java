package org.handoff.servlet.internal.session.store;

import org.handoff.worker.api.HttpException;

/** A store of sessions that does not answer: the request cannot be answered now, and its client may repeat it. */
public final class StoreAwayException extends HttpException {

    private static final long serialVersionUID = 1;

    private static final int UNAVAILABLE = 503;

    /** @param message names the store, and what to do */
    public StoreAwayException(String message, Throwable cause) {
        super(UNAVAILABLE, message, cause);
    }
}
