package org.handoff.itests.handlers.partial;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Works in each process, at a context that contains that of the failing handler. */
@Component
@HandoffContext("/partial")
public class Whole implements Handler {

    @Override
    public void handle(Request request, Response response) {
        response.send("whole in worker process " + ProcessHandle.current().pid());
    }
}
