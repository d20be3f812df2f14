package org.handoff.servlet.internal;

import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;

import org.handoff.servlet.internal.context.ContainerContext;
import org.handoff.servlet.internal.context.SessionCookie;
import org.handoff.servlet.internal.session.store.Sessions;
import org.handoff.servlet.internal.whiteboard.ExpectedServices;
import org.handoff.servlet.internal.whiteboard.ExpectedServices.Expected;
import org.handoff.servlet.internal.whiteboard.Whiteboard;
import org.handoff.worker.api.Handler;
import org.handoff.worker.api.HandoffContext;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servlets of a pool, as one handler. Exists in workers only, as Karaf lacks the condition, and only where the pool
 * has written its configuration.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = ServletApplication.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "osgi.ds.satisfying.condition.target=" + HandoffContext.IN_WORKERS)
public final class ServletApplication implements ServiceFactory<Handler> {

    static final String PID = "org.handoff.servlet";

    private static final Logger LOG = LoggerFactory.getLogger(ServletApplication.class);

    /** By which the pool's generation names the handler; the contexts that it has there may be fewer. */
    private static final Map<String, Object> NAME = Map.of("component.name", "servlets");

    private static final String POOL = "HANDOFF_POOL";
    private static final int HALF_AN_HOUR = 1800;

    /** What the pool tells its workers. */
    public @interface Configuration {

        /** Where the servlets are, for those whose target names that. */
        String endpoint();

        /** The contexts of the application. */
        String[] contexts();

        /** Attributes of the cookie of sessions. */
        String[] cookie() default {};

        /** Of each expected service the symbolic name of its bundle. */
        String[] service_bundles() default {};

        /** Of each the name of its component; empty for one that code registers. */
        String[] service_components() default {};

        /** Of each a filter that matches it. */
        String[] service_filters() default {};
    }

    private final Whiteboard whiteboard;
    private final ExpectedServices expected;
    private final Sessions sessions;
    private final ServletHandler handler;
    private final ServiceRegistration<?> registration;

    /** Starts the Whiteboard, and registers the handler. */
    @Activate
    public ServletApplication(BundleContext context, Configuration configuration) {
        List<String> contexts = List.of(configuration.contexts());
        expected = new ExpectedServices(context, services(configuration));
        SessionCookie cookie =
                SessionCookie.ofPool(System.getenv(POOL), CommonPath.of(contexts), configuration.cookie());
        ContainerContext container = new ContainerContext(cookie, HALF_AN_HOUR);
        whiteboard = Whiteboard.start(context, container, configuration.endpoint(), System.getenv(POOL));
        sessions = Sessions.ofWorker(context);
        handler = new ServletHandler(whiteboard, container, cookie, sessions, HALF_AN_HOUR);
        registration = context.registerService(Handler.class.getName(), this, new Hashtable<>(NAME));
    }

    private static List<Expected> services(Configuration configuration) {
        List<Expected> services = new ArrayList<>();
        for (int i = 0; i < configuration.service_filters().length; i++) {
            services.add(new Expected(
                    configuration.service_bundles()[i],
                    configuration.service_components()[i],
                    configuration.service_filters()[i]));
        }
        return services;
    }

    /** The worker asks when it has started all bundles: from then on the application is complete, or fails. */
    @Override
    public Handler getService(Bundle bundle, ServiceRegistration<Handler> registered) {
        Expected missing = expected.awaitMissing();
        String problem = missing == null ? expected.failure() : missing + " is not there";
        if (problem == null) {
            return handler;
        }
        LOG.error("The servlets are not served: {}", problem);
        Hashtable<String, Object> properties = new Hashtable<>(NAME);
        properties.put(HandoffContext.PROBLEM, problem);
        if (missing != null && !missing.component().isEmpty()) {
            properties.put(HandoffContext.PROBLEM_BUNDLE, expected.bundleId(missing.bundle()));
            properties.put(HandoffContext.PROBLEM_COMPONENT, missing.component());
        }
        registered.setProperties(properties);
        return null;
    }

    @Override
    public void ungetService(Bundle bundle, ServiceRegistration<Handler> registered, Handler service) {
        // There is one handler, until the end.
    }

    /** Ends with the worker. */
    @Deactivate
    void stop() {
        registration.unregister();
        handler.close();
        whiteboard.close();
        sessions.close();
    }
}
