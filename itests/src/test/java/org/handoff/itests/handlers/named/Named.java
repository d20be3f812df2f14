package org.handoff.itests.handlers.named;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Answers the request's name, which is its query, its own context and its process. */
@Component
@HandoffContext("/java")
public class Named implements Handler {

    @Override
    public void handle(Request request, Response response) {
        response.send(request.query() + " from /java, worker process "
                + ProcessHandle.current().pid());
    }
}
