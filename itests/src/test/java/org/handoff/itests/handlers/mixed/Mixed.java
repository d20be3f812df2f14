package org.handoff.itests.handlers.mixed;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Takes as many milliseconds as the query says. */
@Component
@HandoffContext("/mixed")
public class Mixed implements Handler {

    @Override
    public void handle(Request request, Response response) throws InterruptedException {
        long millis = Long.parseLong(request.query());
        if (millis > 0) {
            Thread.sleep(millis);
        }
        response.send(millis + " ms");
    }
}
