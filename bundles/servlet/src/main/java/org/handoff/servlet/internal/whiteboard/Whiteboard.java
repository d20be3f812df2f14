package org.handoff.servlet.internal.whiteboard;

import java.io.IOException;
import java.util.Hashtable;

import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpSessionIdListener;
import org.apache.felix.http.base.internal.HttpConfig;
import org.apache.felix.http.base.internal.HttpServiceController;
import org.osgi.framework.BundleContext;
import org.osgi.service.http.runtime.HttpServiceRuntimeConstants;

/** Apache Felix's HTTP Whiteboard, which finds the services, and the one for a request. */
public final class Whiteboard implements AutoCloseable {

    private final HttpServiceController controller;
    private final Servlet dispatcher;

    private Whiteboard(HttpServiceController controller) {
        this.controller = controller;
        dispatcher = controller.createDispatcherServlet();
    }

    /**
     * Starts it: all services that are there are initialized, and those that come later.
     *
     * @param endpoint and the pool, which the targets of services are compared with
     */
    public static Whiteboard start(BundleContext context, ServletContext container, String endpoint, String pool) {
        Whiteboard started = new Whiteboard(new HttpServiceController(context));
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(HttpServiceRuntimeConstants.HTTP_SERVICE_ENDPOINT, endpoint);
        properties.put("handoff.pool", pool);
        // The id of a session is the one in its cookie, as in other containers.
        properties.put(HttpConfig.PROP_UNIQUE_SESSION_ID, "false");
        started.controller.register(container, properties);
        started.controller.getEventDispatcher().setActive(true);
        DefaultContext.register(context);
        OutermostFilter.register(context);
        return started;
    }

    /** Lets the servlet of its path answer a request, or answers that there is none. */
    public void service(ServletRequest request, ServletResponse response) throws ServletException, IOException {
        dispatcher.service(request, response);
    }

    /** Tells the listeners of the servlet contexts that know a session of its changed id. */
    public HttpSessionIdListener sessionIds() {
        return controller.getEventDispatcher();
    }

    @Override
    public void close() {
        controller.unregister();
    }
}
