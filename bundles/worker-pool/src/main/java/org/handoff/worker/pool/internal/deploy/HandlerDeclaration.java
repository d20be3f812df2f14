package org.handoff.worker.pool.internal.deploy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

import org.handoff.http.routing.ContextTable;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.handoff.worker.api.Host;
import org.handoff.worker.api.Pool;
import org.handoff.worker.pool.internal.description.BundleDescription;
import org.handoff.worker.pool.internal.plan.Code;
import org.handoff.worker.pool.internal.plan.Want;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;

/**
 * A handler declared by a bundle in Karaf, whether or not the bundle runs.
 *
 * @param component the name of its Declarative Services component, or null
 * @param contexts the contexts, one at least
 * @param host in lower case; empty for any
 * @param pool the name of the pool that is to serve it
 * @param waiting the missing requirements in Karaf; empty for none
 */
public record HandlerDeclaration(
        Bundle bundle, String component, List<String> contexts, String host, String pool, String waiting)
        implements Declaration<HandlerDeclaration> {

    /** All handlers. */
    public static final Kind<HandlerDeclaration> ALL = new Kind<>() {

        @Override
        public String filter() {
            // The XML of a component says whether it provides a handler.
            return "(&(" + Constants.OBJECTCLASS + "=" + Handler.class.getName() + ")(!(" + Deployed.COMPONENT_NAME
                    + "=*)))";
        }

        @Override
        public BundleDescription described(Bundle bundle) {
            return BundleDescription.ofHandlers(bundle);
        }

        @Override
        public HandlerDeclaration declaration(
                Bundle bundle, String component, Map<String, Object> properties, String waiting) {
            return of(bundle, component, properties::get, waiting);
        }
    };

    /**
     * Reads a declaration.
     *
     * @param properties the service's or component's properties, by name
     * @throws IllegalArgumentException if it declares no context, or one that is not valid
     */
    static HandlerDeclaration of(Bundle bundle, String component, Function<String, Object> properties, String waiting) {
        List<String> contexts = new ArrayList<>();
        for (String context : strings(properties.apply(HandoffContext.PROPERTY))) {
            contexts.add(ContextTable.validContext(context));
        }
        if (contexts.isEmpty()) {
            throw new IllegalArgumentException("it declares no context: annotate it with @HandoffContext, or set the "
                    + "service property " + HandoffContext.PROPERTY);
        }
        return new HandlerDeclaration(
                bundle,
                component,
                List.copyOf(contexts),
                text(properties.apply(Host.PROPERTY), "").toLowerCase(Locale.ROOT),
                text(properties.apply(Pool.PROPERTY), Pool.DEFAULT),
                waiting);
    }

    @Override
    public HandlerDeclaration waitingFor(String what) {
        return new HandlerDeclaration(bundle, component, contexts, host, pool, what);
    }

    @Override
    public boolean isLike(HandlerDeclaration other) {
        return contexts.equals(other.contexts()) && host.equals(other.host());
    }

    /** The handler's claim. @param code the code for workers; null if it is unknown now */
    public Want want(Code code, String waitsFor) {
        return new Want(
                bundle.getSymbolicName(),
                bundle.getVersion(),
                bundle.getBundleId(),
                component,
                host,
                contexts,
                code,
                waitsFor);
    }

    private static List<String> strings(Object property) {
        if (property instanceof String[] several) {
            return Arrays.asList(several);
        }
        return property instanceof String one ? List.of(one) : List.of();
    }

    private static String text(Object property, String otherwise) {
        return property == null ? otherwise : property.toString();
    }
}
