package org.handoff.itests.handlers.specified;

import java.io.IOException;
import java.util.Hashtable;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.framework.BundleContext;
import org.osgi.service.http.whiteboard.Preprocessor;

/** Section 140.8: preprocessors. They mark the answers to those requests that ask for it. */
final class Preprocessors {

    private static final class Marks implements Preprocessor {

        private final String letter;
        private String parameters;

        Marks(String letter) {
            this.letter = letter;
        }

        @Override
        public void init(FilterConfig config) {
            parameters = config.getInitParameter("text") + " " + config.getInitParameter("number");
        }

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            if (((HttpServletRequest) request).getHeader("X-Preprocess") != null) {
                HttpServletResponse http = (HttpServletResponse) response;
                String before = http.getHeader("X-Order");
                http.setHeader("X-Order", before == null ? letter : before + letter);
                http.setHeader("X-Parameters", parameters);
            }
            chain.doFilter(request, response);
        }

        @Override
        public void destroy() {
            // It has nothing.
        }
    }

    private Preprocessors() {}

    static void register(BundleContext context) {
        context.registerService(Preprocessor.class, new Marks("d"), properties(-5));
        context.registerService(Preprocessor.class, new Marks("a"), properties(8));
        context.registerService(Preprocessor.class, new Marks("b"), properties(3L));
        context.registerService(Preprocessor.class, new Marks("c"), new Hashtable<>());
    }

    private static Hashtable<String, Object> properties(Object ranking) {
        return Registrar.properties(
                "service.ranking", ranking, "preprocessor.init.text", "value", "preprocessor.init.number", 345L);
    }
}
