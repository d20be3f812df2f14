package org.handoff.servlet.internal.whiteboard;

import java.io.IOException;
import java.util.Hashtable;

import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
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

    /** Starts it: all services that are there are initialized, and those that come later. */
    public static Whiteboard start(BundleContext context, ServletContext container) {
        Whiteboard started = new Whiteboard(new HttpServiceController(context));
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(HttpServiceRuntimeConstants.HTTP_SERVICE_ENDPOINT, "/");
        // The id of a session is the one in its cookie, as in other containers.
        properties.put(HttpConfig.PROP_UNIQUE_SESSION_ID, "false");
        started.controller.register(container, properties);
        OutermostFilter.register(context);
        return started;
    }

    /** Lets the servlet of its path answer a request, or answers that there is none. */
    public void service(ServletRequest request, ServletResponse response) throws ServletException, IOException {
        dispatcher.service(request, response);
    }

    @Override
    public void close() {
        controller.unregister();
    }
}
