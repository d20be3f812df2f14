package org.handoff.itests.handlers.targets;

import java.io.IOException;
import java.util.Hashtable;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Registers servlets for one pool, for another, for a host, and for whichever. */
public class TargetsActivator implements BundleActivator {

    @Override
    public void start(BundleContext context) {
        register(context, "/target-public", "(handoff.pool=public)");
        register(context, "/target-staff", "(handoff.pool=staff)");
        register(context, "/target-host", "(osgi.http.endpoint=http://staff.example.org/)");
        register(context, "/target-none", null);
    }

    private static void register(BundleContext context, String pattern, String target) {
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put("osgi.http.whiteboard.servlet.pattern", pattern);
        properties.put("osgi.http.whiteboard.servlet.name", pattern);
        if (target != null) {
            properties.put("osgi.http.whiteboard.target", target);
        }
        context.registerService(Servlet.class, new PoolServlet(), properties);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters them.
    }

    /** Says of which pool its process is. */
    private static final class PoolServlet extends HttpServlet {

        private static final long serialVersionUID = 1;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print(System.getenv("HANDOFF_POOL"));
        }
    }
}
