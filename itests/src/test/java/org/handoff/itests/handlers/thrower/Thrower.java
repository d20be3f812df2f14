package org.handoff.itests.handlers.thrower;

import org.handoff.worker.api.Context;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Throws, unless asked for the process it is in. */
@Component
@Context("/thrower")
public class Thrower implements Handler {

    /** What the exception says, so that a test can look for it. */
    public static final String SECRET = "a secret of the handler";

    @Override
    public void handle(Request request, Response response) {
        if (request.query().equals("pid")) {
            response.send("worker process " + ProcessHandle.current().pid() + " lives");
        } else {
            throw new IllegalStateException(SECRET);
        }
    }
}
