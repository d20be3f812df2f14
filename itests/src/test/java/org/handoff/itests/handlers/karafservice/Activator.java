package org.handoff.itests.handlers.karafservice;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Registers the greeting in Karaf, and nowhere else. */
public class Activator implements BundleActivator {

    @Override
    public void start(BundleContext context) {
        if (context.getProperty("karaf.name") != null) {
            context.registerService(Greeting.class, () -> "hello", null);
        }
    }

    @Override
    public void stop(BundleContext context) {
        // The framework takes the service back.
    }
}
