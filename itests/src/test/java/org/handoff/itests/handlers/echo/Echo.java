package org.handoff.itests.handlers.echo;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Component;

/** Answers the symbolic name of the bundle it was deployed in. */
@Component
@HandoffContext("/echo")
public class Echo implements Handler {

    @Override
    public void handle(Request request, Response response) {
        response.send(FrameworkUtil.getBundle(Echo.class).getSymbolicName());
    }
}
