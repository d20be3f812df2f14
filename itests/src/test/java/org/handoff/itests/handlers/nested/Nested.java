package org.handoff.itests.handlers.nested;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Pool;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Lives in another pool, with a context inside the one of the echo handler. */
@Component
@HandoffContext("/echo/nested")
@Pool("second")
public class Nested implements Handler {

    @Override
    public void handle(Request request, Response response) {
        response.send("nested");
    }
}
