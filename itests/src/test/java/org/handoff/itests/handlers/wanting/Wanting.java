package org.handoff.itests.handlers.wanting;

import java.util.function.Supplier;

import org.handoff.worker.api.Context;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Needs a service that there is not. */
@Component
@Context("/versioned")
public class Wanting implements Handler {

    private final Supplier<String> missing;

    @Activate
    public Wanting(@Reference(target = "(of=nobody)") Supplier<String> missing) {
        this.missing = missing;
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(missing.get());
    }
}
