package org.handoff.itests.handlers.inworkers;

import java.io.IOException;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Declares its context without the annotation, and so nothing that it waits for. */
@Component(immediate = true, property = HandoffContext.PROPERTY + "=/plain")
public class Plain implements Handler {

    /** Notes its process. */
    @Activate
    public Plain() throws IOException {
        Notes.add(Plain.class);
    }

    @Override
    public void handle(Request request, Response response) {
        response.send("plain");
    }
}
