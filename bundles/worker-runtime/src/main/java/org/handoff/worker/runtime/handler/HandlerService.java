package org.handoff.worker.runtime.handler;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

import org.handoff.http.routing.ContextTable;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Host;
import org.handoff.worker.api.Request;
import org.handoff.worker.api.Response;
import org.handoff.worker.protocol.generation.HandlerEntry;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.ComponentConstants;

/**
 * A handler of the generation, backed by the service that its bundle registers. Without a service it answers 503: a
 * service may go away in a running worker, and come back.
 */
final class HandlerService implements Handler {

    private final HandlerEntry entry;
    /** The last one has the highest ranking. */
    private final NavigableMap<ServiceReference<Handler>, Handler> services = new TreeMap<>();

    private volatile Handler handler;

    HandlerService(HandlerEntry entry) {
        this.entry = entry;
    }

    /** A service of this handler has come. */
    synchronized void add(ServiceReference<Handler> reference, Handler service) {
        services.put(reference, service);
        handler = services.lastEntry().getValue();
    }

    /** A service has gone. */
    synchronized void remove(ServiceReference<Handler> reference) {
        services.remove(reference);
        handler = services.isEmpty() ? null : services.lastEntry().getValue();
    }

    /** Whether there is a service now. */
    boolean isServing() {
        return handler != null;
    }

    @Override
    public void handle(Request request, Response response) throws Exception {
        Handler service = handler;
        if (service == null) {
            response.status(503).header("Retry-After", "5").send("The handler is not available at the moment.\n");
            return;
        }
        // Libraries that use the context class loader shall find the handler's bundle, not the runtime.
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(service.getClass().getClassLoader());
        try {
            service.handle(request, response);
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /**
     * Whether a service of its bundle is this handler's: a component is known by its name, a plain one by its
     * properties; one of several instances of a component, each by a configuration of a factory, by both.
     */
    boolean isFor(ServiceReference<Handler> reference) {
        Object component = reference.getProperty(ComponentConstants.COMPONENT_NAME);
        if (entry.component() == null) {
            return component == null
                    && contexts(reference).equals(new HashSet<>(entry.contexts()))
                    && host(reference).equals(entry.host());
        }
        return entry.component().equals(component)
                && (reference.getProperty(ConfigurationAdmin.SERVICE_FACTORYPID) == null
                        || contexts(reference).stream()
                                        .map(ContextTable::validContext)
                                        .toList()
                                        .containsAll(entry.contexts())
                                && host(reference).equals(entry.host()));
    }

    private static Set<String> contexts(ServiceReference<Handler> reference) {
        Object value = reference.getProperty(HandoffContext.PROPERTY);
        return value instanceof String[] several ? new HashSet<>(List.of(several)) : Set.of(String.valueOf(value));
    }

    private static String host(ServiceReference<Handler> reference) {
        return reference.getProperty(Host.PROPERTY) instanceof String host ? host.toLowerCase(Locale.ROOT) : "";
    }
}
