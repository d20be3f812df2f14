package org.handoff.worker.api.guide;

import java.time.Instant;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.handoff.worker.api.Validators;

class Page implements Handler {

    private final long version = 7;
    private final Instant changed = Instant.parse("2026-01-02T03:04:05Z");

    @Override
    public void handle(Request request, Response response) {
        Validators current = Validators.of("\"" + version + "\"", changed);
        switch (current.evaluate(request)) {
            case NOT_MODIFIED -> response.validators(current).status(304);
            case FAILED -> response.status(412);
            case PROCEED -> response.validators(current).send("a page that took long to make");
        }
    }
}
