package org.handoff.worker.runtime;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.handoff.worker.api.Context;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Host;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentConstants;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;

/**
 * A handler that the generation declares, backed by the service that its bundle registers. While there is none, it
 * answers 503: a service may go away in a running worker, and come back.
 */
final class HandlerService implements Handler, ServiceTrackerCustomizer<Handler, Handler> {

    private final HandlerEntry entry;
    private final BundleContext context;
    private final Bundle bundle;
    private final ServiceTracker<Handler, Handler> services;

    /**
     * Looks for the service, and gets it: what its creation does wrong shows now, and the first request finds it ready.
     *
     * @param context the system bundle's
     * @param bundle the bundle that registers the service
     */
    HandlerService(HandlerEntry entry, BundleContext context, Bundle bundle) {
        this.entry = entry;
        this.context = context;
        this.bundle = bundle;
        String component = entry.component() == null ? "(!(" + ComponentConstants.COMPONENT_NAME + "=*))"
                : "(" + ComponentConstants.COMPONENT_NAME + "=" + escaped(entry.component()) + ")";
        try {
            services = new ServiceTracker<>(context, FrameworkUtil.createFilter(
                    "(&(" + Constants.OBJECTCLASS + "=" + Handler.class.getName() + ")" + component + ")"), this);
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException("The component name " + entry.component() + " makes no filter", e);
        }
        services.open();
    }

    /** Whether there is a service to serve with now. */
    boolean isServing() {
        return services.getService() != null;
    }

    @Override
    public void handle(Request request, Response response) throws Exception {
        Handler handler = services.getService();
        if (handler == null) {
            response.status(503).header("Retry-After", "5").send("The handler is not available at the moment.\n");
            return;
        }
        // Libraries that look things up by the context class loader shall find the handler's bundle, not the runtime.
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(handler.getClass().getClassLoader());
        try {
            handler.handle(request, response);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Override
    public Handler addingService(ServiceReference<Handler> reference) {
        return isOurs(reference) ? context.getService(reference) : null;
    }

    @Override
    public void modifiedService(ServiceReference<Handler> reference, Handler handler) {
        // The generation file says what is served where; properties that change in a worker change nothing of that.
    }

    @Override
    public void removedService(ServiceReference<Handler> reference, Handler handler) {
        context.ungetService(reference);
    }

    /** A component is known by its name; a plain service only by what it declares. */
    private boolean isOurs(ServiceReference<Handler> reference) {
        return bundle.equals(reference.getBundle())
                && (entry.component() != null || contexts(reference).equals(new HashSet<>(entry.contexts()))
                        && host(reference).equals(entry.host()));
    }

    private static Set<String> contexts(ServiceReference<Handler> reference) {
        Object value = reference.getProperty(Context.PROPERTY);
        return value instanceof String[] several ? new HashSet<>(List.of(several)) : Set.of(String.valueOf(value));
    }

    private static String host(ServiceReference<Handler> reference) {
        return reference.getProperty(Host.PROPERTY) instanceof String host ? host.toLowerCase(Locale.ROOT) : "";
    }

    /** A value in a filter (OSGi core, section 3.2.7). */
    private static String escaped(String value) {
        return value.replaceAll("[\\\\*()]", "\\\\$0");
    }
}
