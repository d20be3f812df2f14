package org.handoff.itests.handlers.brought;

import java.util.stream.Stream;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Pool;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Needs nothing; says whether there is a bundle with the symbolic name that is the query. */
@Component
@HandoffContext("/brought")
@Pool("brought")
public class Brought implements Handler {

    private final BundleContext context;

    @Activate
    public Brought(BundleContext context) {
        this.context = context;
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(String.valueOf(Stream.of(context.getBundles())
                .anyMatch(bundle -> request.query().equals(bundle.getSymbolicName()))));
    }
}
