package org.handoff.servlet.internal.whiteboard;

import java.io.IOException;
import java.util.Hashtable;
import java.util.Map;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import org.osgi.framework.BundleContext;

/**
 * Goes before all other filters of all servlet contexts, with what the Whiteboard leaves out: libraries that use the
 * context class loader find the servlet's bundle, as in Karaf's web container, and a query behind the path of a
 * dispatcher has its effect.
 */
public final class OutermostFilter implements Filter {

    private static final Map<String, Object> EVERYWHERE = Map.of(
            "service.ranking",
            Integer.MAX_VALUE,
            "osgi.http.whiteboard.filter.pattern",
            "/*",
            "osgi.http.whiteboard.filter.asyncSupported",
            true,
            "osgi.http.whiteboard.filter.dispatcher",
            new String[] {"REQUEST", "FORWARD", "INCLUDE", "ASYNC", "ERROR"},
            "osgi.http.whiteboard.context.select",
            "(osgi.http.whiteboard.context.name=*)");

    /** Lets the Whiteboard find it. */
    public static void register(BundleContext context) {
        context.registerService(Filter.class, new OutermostFilter(), new Hashtable<>(EVERYWHERE));
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(request.getServletContext().getClassLoader());
        try {
            chain.doFilter(new DispatchingRequest((HttpServletRequest) request), response);
        } finally {
            thread.setContextClassLoader(before);
        }
    }
}
