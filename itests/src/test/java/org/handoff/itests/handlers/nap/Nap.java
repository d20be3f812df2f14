package org.handoff.itests.handlers.nap;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Takes ten milliseconds and no processor. */
@Component
@HandoffContext("/nap")
public class Nap implements Handler {

    @Override
    public void handle(Request request, Response response) throws InterruptedException {
        Thread.sleep(10);
        response.send("rested");
    }
}
