package org.handoff.itests.handlers.jakarta;

import java.io.IOException;
import java.util.Hashtable;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Registers a servlet, a filter and a listener of {@code jakarta.servlet}. */
public class JakartaActivator implements BundleActivator {

    @Override
    public void start(BundleContext context) {
        register(context, Servlet.class, new JakartaServlet(), "servlet.pattern", "/jakarta/*");
        register(context, Filter.class, new JakartaFilter(), "filter.pattern", "/jakarta/*");
        register(context, ServletRequestListener.class, new JakartaListener(), "listener", "true");
    }

    private static void register(BundleContext context, Class<?> type, Object service, String key, String value) {
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put("osgi.http.whiteboard." + key, value);
        context.registerService(type.getName(), service, properties);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters them.
    }

    private static final class JakartaServlet extends HttpServlet {

        private static final long serialVersionUID = 1;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            String set = request.getParameter("set");
            if (set != null) {
                request.getSession().setAttribute("shared", set);
            }
            response.getWriter()
                    .print(request.getServletPath() + "|" + request.getPathInfo() + "|" + request.getAttribute("heard")
                            + "|" + request.getSession().getAttribute("shared"));
        }
    }

    private record JakartaFilter() implements Filter {

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            response.getWriter().print("filtered|");
            chain.doFilter(request, response);
        }
    }

    private record JakartaListener() implements ServletRequestListener {

        @Override
        public void requestInitialized(ServletRequestEvent event) {
            event.getServletRequest().setAttribute("heard", "heard");
        }
    }
}
