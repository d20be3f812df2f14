package org.handoff.servlet.internal.whiteboard;

import java.util.Hashtable;
import java.util.Map;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.http.context.ServletContextHelper;

/**
 * The default servlet context as a service, for whoever looks for it (OSGi Compendium 8, section 140.2). Apache Felix
 * uses one like it that is no service, and leaves out those of its own bundle.
 */
final class DefaultContext implements ServiceFactory<ServletContextHelper> {

    private static final Map<String, Object> DEFAULT = Map.of(
            "service.ranking",
            Integer.MIN_VALUE,
            "osgi.http.whiteboard.context.name",
            "default",
            "osgi.http.whiteboard.context.path",
            "/");

    static void register(BundleContext context) {
        context.registerService(ServletContextHelper.class, new DefaultContext(), new Hashtable<>(DEFAULT));
    }

    @Override
    public ServletContextHelper getService(Bundle bundle, ServiceRegistration<ServletContextHelper> registration) {
        return new ServletContextHelper(bundle) {};
    }

    @Override
    public void ungetService(
            Bundle bundle, ServiceRegistration<ServletContextHelper> registration, ServletContextHelper context) {
        // It has nothing.
    }
}
