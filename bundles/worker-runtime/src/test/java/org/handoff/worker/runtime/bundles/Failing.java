package org.handoff.worker.runtime.bundles;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** Cannot be created. */
public class Failing implements Handler {

    public Failing() {
        throw new IllegalStateException("no licence");
    }

    @Override
    public void handle(Request request, Response response) {
        throw new AssertionError("was never created");
    }
}
