package org.handoff.itests.handlers.surroundings;

import javax.management.MBeanServer;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.event.EventAdmin;

/** Answers with its surroundings. */
@Component
@HandoffContext("/surroundings")
public class InWorker implements Handler {

    private final BundleContext context;
    private final MBeanServer beans;
    private final EventAdmin events;

    /** Called in workers only. */
    @Activate
    public InWorker(BundleContext context, @Reference MBeanServer beans, @Reference EventAdmin events) {
        this.context = context;
        this.beans = beans;
        this.events = events;
    }

    @Override
    public void handle(Request request, Response response) {
        response.send(new Surroundings(context).tell(beans, events));
    }
}
