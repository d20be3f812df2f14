package org.handoff.itests.handlers.dependent;

import org.handoff.itests.handlers.library.Words;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Needs a package of one bundle and a service of another. */
@Component
@HandoffContext("/dependent")
public class Dependent implements Handler {

    private final Words words;

    @Activate
    public Dependent(@Reference Words words) {
        this.words = words;
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(words.greeting() + " from " + ProcessHandle.current().pid());
    }
}
