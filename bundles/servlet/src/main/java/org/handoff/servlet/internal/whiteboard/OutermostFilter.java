package org.handoff.servlet.internal.whiteboard;

import java.io.IOException;
import java.util.Hashtable;
import java.util.Map;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.handoff.servlet.internal.request.ServletRequestFacade;
import org.handoff.servlet.internal.response.Refusal;
import org.handoff.worker.api.HttpException;
import org.osgi.framework.BundleContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes before all other filters of all servlet contexts, with what the Whiteboard leaves out: libraries that use the
 * context class loader find the servlet's bundle, as in Karaf's web container, a query behind the path of a dispatcher
 * has its effect, an asynchronous answer has the request of its servlet context, the parts of a request are deleted, and
 * what a client does wrong fills no log.
 */
public final class OutermostFilter implements Filter {

    private static final Logger LOG = LoggerFactory.getLogger(OutermostFilter.class);

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
            if (request.getDispatcherType() == DispatcherType.REQUEST
                    || request.getDispatcherType() == DispatcherType.ASYNC) {
                answer((HttpServletRequest) request, (HttpServletResponse) response, chain);
            } else if (request.getDispatcherType() == DispatcherType.ERROR) {
                chain.doFilter(new DispatchingRequest(new FailedRequest((HttpServletRequest) request)), response);
            } else {
                chain.doFilter(new DispatchingRequest((HttpServletRequest) request), response);
            }
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static void answer(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        ServletRequestFacade received = ServletRequestFacade.within(request);
        HttpServletRequest its = request;
        if (PartsRequest.isMultipart(request)) {
            PartsRequest parts = new PartsRequest(request);
            received.atEnd(parts::deleteParts);
            its = parts;
        }
        HttpServletRequest seen = new DispatchingRequest(its);
        received.seenAs(seen, response);
        try {
            chain.doFilter(seen, response);
        } catch (ServletException | RuntimeException e) {
            HttpException refused = Refusal.of(e);
            if (refused == null || response.isCommitted() || request.isAsyncStarted()) {
                throw e;
            }
            // The Whiteboard would log it as a fault of the servlet, each time.
            LOG.debug("A request was refused", e);
            response.sendError(refused.status());
        }
    }
}
