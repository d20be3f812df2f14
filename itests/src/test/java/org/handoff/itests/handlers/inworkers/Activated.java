package org.handoff.itests.handlers.inworkers;

import java.io.IOException;
import java.util.Dictionary;
import java.util.Hashtable;

import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Registers a handler without Declarative Services. */
public class Activated implements BundleActivator {

    @Override
    public void start(BundleContext context) throws IOException {
        Notes.add(Activated.class);
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(HandoffContext.PROPERTY, "/activated");
        Handler handler = (request, response) -> response.send("here");
        context.registerService(Handler.class, handler, properties);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters what is left.
    }
}
