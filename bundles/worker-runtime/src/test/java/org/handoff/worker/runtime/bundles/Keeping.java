package org.handoff.worker.runtime.bundles;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;

/** Needs a store. */
public class Keeping implements Handler {

    public void bind(Store store) {
        // Only whether there is one matters.
    }

    @Override
    public void handle(Request request, Response response) {
        response.send("kept");
    }
}
