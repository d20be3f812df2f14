import java.io.IOException;
import java.util.Hashtable;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** The servlet of {@code benchmarks/servlet.sh}, which answers as the example handler {@code hello} does. */
public class Hello extends HttpServlet implements BundleActivator {

    private static final long serialVersionUID = 1;

    @Override
    public void start(BundleContext context) {
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put("osgi.http.whiteboard.servlet.pattern", "/servlet");
        context.registerService(Servlet.class, this, properties);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework unregisters it.
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        response.getWriter().print("Hello from worker process " + ProcessHandle.current().pid() + "\n");
    }
}
