package org.handoff.lrwp.http;

import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import javax.servlet.Filter;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.handoff.http.limits.Complaint;
import org.handoff.http.routing.MalformedRequestException;
import org.handoff.lrwp.agent.api.LrwpAgent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets peers answer the paths that they have registered, and passes every other request on: to the container's
 * servlets, and to its default servlet. A request holds one of the container's threads until it is answered.
 */
@Component(
        service = Filter.class,
        property = {
            "osgi.http.whiteboard.filter.name=handoff-lrwp",
            "osgi.http.whiteboard.filter.pattern=/*",
            // Otherwise the container would refuse to start asynchronous requests of any servlet behind this filter.
            "osgi.http.whiteboard.filter.asyncSupported:Boolean=true",
            // Every context: those of the whiteboard, and those of the HTTP service.
            "osgi.http.whiteboard.context.select="
                    + "(|(osgi.http.whiteboard.context.name=*)(osgi.http.whiteboard.context.httpservice=*))"
        })
public final class LrwpFilter implements Filter {

    private static final Logger LOG = LoggerFactory.getLogger(LrwpFilter.class);

    private final LrwpAgent agent;
    /** Used on the agent's loop. */
    private final Complaint crowdedOut = new Complaint();

    /** Serves by this agent. */
    @Activate
    public LrwpFilter(@Reference LrwpAgent agent) {
        this.agent = agent;
    }

    @Override
    public void init(FilterConfig config) {
        // There is no configuration.
    }

    @Override
    public void destroy() {
        // There are no resources.
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest http)
                || !(response instanceof HttpServletResponse answer)
                || !serve(http, answer)) {
            chain.doFilter(request, response);
        }
    }

    /** @return false if no peer answers the request */
    private boolean serve(HttpServletRequest http, HttpServletResponse answer) throws IOException {
        ServletExchange exchange;
        try {
            ContainerRequest request = new ContainerRequest(http, agent.memory());
            if (!agent.serves(request.host(), request.path())) {
                return false;
            }
            if (!request.collect(http.getInputStream())) {
                answer.sendError(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
                return true;
            }
            exchange = new ServletExchange(
                    agent.loop(),
                    agent.memory(),
                    this::crowdedOut,
                    request.method().equals("HEAD"),
                    request.length() == 0);
            try {
                agent.submit(request, exchange);
            } catch (RejectedExecutionException e) {
                // The agent stops.
                request.close();
                return request.length() != 0 && unavailable(answer);
            }
        } catch (MalformedRequestException e) {
            // The container may accept such a path, but no peer gets it.
            return false;
        }
        return exchange.answer(answer);
    }

    private void crowdedOut() {
        crowdedOut.happens();
        long times = crowdedOut.take(System.nanoTime());
        if (times > 0) {
            LOG.warn(
                    "{} responses of peers in the web container were cut: their clients take them slowly, and all peers "
                            + "and clients together may take half of http.memory in etc/org.handoff.lrwp.cfg",
                    times);
        }
    }

    private static boolean unavailable(HttpServletResponse answer) throws IOException {
        answer.sendError(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        return true;
    }
}
