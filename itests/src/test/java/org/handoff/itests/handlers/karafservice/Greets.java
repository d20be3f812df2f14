package org.handoff.itests.handlers.karafservice;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Needs a service that is missing in a worker: it is not satisfied there. */
@Component
@HandoffContext("/karafservice")
public class Greets implements Handler {

    private final Greeting greeting;

    /** Called by Declarative Services. */
    @Activate
    public Greets(@Reference Greeting greeting) {
        this.greeting = greeting;
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(greeting.words());
    }
}
