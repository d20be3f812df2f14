package org.handoff.worker.runtime.bundles;

import java.util.Hashtable;

import org.handoff.worker.api.Handler;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** Registers a handler without Declarative Services, which goes away after its first answer. */
public class Plain implements BundleActivator {

    private ServiceRegistration<Handler> registration;

    @Override
    public void start(BundleContext context) {
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put("handoff.context", new String[] {"/plain"});
        registration = context.registerService(
                Handler.class,
                (request, response) -> {
                    registration.unregister();
                    response.send("plain");
                },
                properties);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters what is left.
    }
}
