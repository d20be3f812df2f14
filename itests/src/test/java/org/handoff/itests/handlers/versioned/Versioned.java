package org.handoff.itests.handlers.versioned;

import java.util.function.Supplier;

import org.handoff.worker.api.Context;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Answers its bundle's version, and what a service says that may come and go. */
@Component
@Context("/versioned")
public class Versioned implements Handler {

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC,
        target = "(of=versioned)")
    private volatile Supplier<String> words;

    @Override
    public void handle(Request request, Response response) {
        Supplier<String> now = words;
        response.send(FrameworkUtil.getBundle(Versioned.class).getVersion() + " " + (now == null ? "" : now.get()));
    }
}
