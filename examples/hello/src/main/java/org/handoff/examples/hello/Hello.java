package org.handoff.examples.hello;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Answers which process it runs in: a worker's, not Karaf's. */
@Component
@HandoffContext("/hello")
public class Hello implements Handler {

    @Override
    public void handle(Request request, Response response) {
        response.send("Hello from worker process " + ProcessHandle.current().pid() + " on Java "
                + Runtime.version().feature() + "\n");
    }
}
