package org.handoff.worker.runtime;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** The handler of the bundle that {@link WarmUp} serves. */
public final class WarmHandler implements Handler {

    /** The response's body. */
    static final String BODY = "warm";

    /** For Declarative Services. */
    public WarmHandler() {
        // Nothing to prepare.
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(BODY);
    }
}
