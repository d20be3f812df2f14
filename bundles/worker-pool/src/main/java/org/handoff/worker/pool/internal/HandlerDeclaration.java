package org.handoff.worker.pool.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import org.handoff.worker.api.Context;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.Host;
import org.handoff.worker.api.Pool;
import org.handoff.http.routing.ContextTable;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/**
 * A handler service as Karaf has it: declared, and not created.
 *
 * @param service its service id: a lower one is older
 * @param component the name of its Declarative Services component, or null
 * @param contexts the contexts that are valid
 * @param host in lower case; empty for any
 */
record HandlerDeclaration(long service, Bundle bundle, String component, List<String> contexts, String host) {

    // Declared by Declarative Services (ComponentConstants), which this bundle does not need otherwise.
    private static final String COMPONENT_NAME = "component.name";

    /** @throws IllegalArgumentException if the service declares no context, or one that is not valid */
    static HandlerDeclaration of(ServiceReference<Handler> reference) {
        List<String> contexts = new ArrayList<>();
        for (String context : strings(reference.getProperty(Context.PROPERTY))) {
            contexts.add(ContextTable.validContext(context));
        }
        if (contexts.isEmpty()) {
            throw new IllegalArgumentException("it declares no context: annotate it with @Context, or set the service "
                    + "property " + Context.PROPERTY);
        }
        Object host = reference.getProperty(Host.PROPERTY);
        return new HandlerDeclaration((Long) reference.getProperty(Constants.SERVICE_ID), reference.getBundle(),
                (String) reference.getProperty(COMPONENT_NAME), List.copyOf(contexts),
                host == null ? "" : host.toString().toLowerCase(Locale.ROOT));
    }

    /** The name of the pool that a handler service belongs to. */
    static String pool(ServiceReference<Handler> reference) {
        Object pool = reference.getProperty(Pool.PROPERTY);
        return pool == null ? Pool.DEFAULT : pool.toString();
    }

    /** What the handler is called in messages. */
    String describe() {
        return (component == null ? "a handler" : component) + " of bundle " + bundle.getSymbolicName() + " ["
                + bundle.getBundleId() + "]";
    }

    private static List<String> strings(Object property) {
        if (property instanceof String[] several) {
            return Arrays.asList(several);
        }
        return property instanceof String one ? List.of(one) : List.of();
    }
}
