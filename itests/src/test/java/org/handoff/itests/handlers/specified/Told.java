package org.handoff.itests.handlers.specified;

import java.io.IOException;
import java.util.List;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.Servlet;
import javax.servlet.ServletConfig;
import javax.servlet.ServletContextEvent;
import javax.servlet.ServletContextListener;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServlet;

import org.osgi.framework.Bundle;
import org.osgi.framework.PrototypeServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.http.whiteboard.Preprocessor;

/** A servlet that tells of its life; and services like it of other kinds. */
final class Told extends HttpServlet {

    private static final long serialVersionUID = 1;

    private final transient List<String> told;

    Told(List<String> told) {
        this.told = told;
    }

    @Override
    public void init() {
        told.add("init");
    }

    @Override
    public void destroy() {
        told.add("destroy");
    }

    /** Makes servlets, and tells of that too. */
    record Factory(List<String> told) implements PrototypeServiceFactory<Servlet> {

        @Override
        public Servlet getService(Bundle bundle, ServiceRegistration<Servlet> registration) {
            told.add("get");
            return new Told(told);
        }

        @Override
        public void ungetService(Bundle bundle, ServiceRegistration<Servlet> registration, Servlet servlet) {
            told.add("unget");
        }
    }

    /** A servlet that cannot begin. */
    static final class Failing extends HttpServlet {

        private static final long serialVersionUID = 1;

        @Override
        public void init(ServletConfig config) throws ServletException {
            throw new ServletException("the test wants it");
        }
    }

    /** A servlet that cannot end. */
    static final class FailingAtEnd extends HttpServlet {

        private static final long serialVersionUID = 1;

        @Override
        public void destroy() {
            throw new IllegalStateException("the test wants it");
        }
    }

    /** A filter that cannot begin. */
    static final class FailingFilter extends Around {

        FailingFilter() {
            super("");
        }

        @Override
        public void init(FilterConfig config) throws ServletException {
            throw new ServletException("the test wants it");
        }
    }

    /** A filter that tells of its life. */
    static final class OfFilter extends Around {

        private final List<String> told;

        OfFilter(List<String> told) {
            super("");
            this.told = told;
        }

        @Override
        public void init(FilterConfig config) {
            told.add("init");
        }

        @Override
        public void destroy() {
            told.add("destroy");
        }
    }

    /** A listener that tells of its servlet context. */
    record OfContext(List<String> told) implements ServletContextListener {

        @Override
        public void contextInitialized(ServletContextEvent event) {
            told.add("initialized");
        }

        @Override
        public void contextDestroyed(ServletContextEvent event) {
            told.add("destroyed");
        }
    }

    /** A preprocessor that does nothing. */
    static final class Before implements Preprocessor {

        @Override
        public void init(FilterConfig config) {
            // Nothing to begin with.
        }

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            chain.doFilter(request, response);
        }

        @Override
        public void destroy() {
            // Nothing to end with.
        }
    }
}
