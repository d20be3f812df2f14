package org.handoff.itests.handlers.chatter;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Component;

/** Prints as many short lines as the query says. */
@Component
@HandoffContext("/chatter")
public class Chatter implements Handler {

    public static final String LINE = "0123456789";

    @Override
    public void handle(Request request, Response response) {
        for (int left = Integer.parseInt(request.query()); left > 0; left--) {
            System.out.println(LINE);
        }
        response.send("said");
    }
}
