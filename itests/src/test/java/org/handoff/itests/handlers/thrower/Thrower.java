package org.handoff.itests.handlers.thrower;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Throws, with its process's id in the message. */
@Component
@HandoffContext("/thrower")
public class Thrower implements Handler {

    /** What the exception says, so that a test can look for it. */
    public static final String SECRET = "a secret of the handler";

    @Override
    public void handle(Request request, Response response) {
        throw new IllegalStateException(
                SECRET + " in worker process " + ProcessHandle.current().pid());
    }
}
