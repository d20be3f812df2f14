package org.handoff.itests.handlers.kinds.registered;

import java.util.Map;
import java.util.function.Supplier;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** Registers a service by itself. */
public class Activator implements BundleActivator {

    @Override
    public void start(BundleContext context) {
        context.registerService(
                Supplier.class, () -> "registered", FrameworkUtil.asDictionary(Map.of("registered.by", "activator")));
    }

    @Override
    public void stop(BundleContext context) {
        // The framework takes the service back.
    }
}
