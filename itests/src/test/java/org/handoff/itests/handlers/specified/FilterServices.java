package org.handoff.itests.handlers.specified;

import java.io.IOException;
import javax.servlet.FilterChain;
import javax.servlet.FilterConfig;
import javax.servlet.ServletException;
import javax.servlet.ServletRequest;
import javax.servlet.ServletResponse;
import javax.servlet.http.HttpServletResponse;

/** Section 140.5: filters. */
final class FilterServices {

    private static final String PATTERN = "filter.pattern";
    private static final String NAME = "filter.name";
    private static final String DISPATCHER = "filter.dispatcher";
    private static final String SERVLET_PATTERN = "servlet.pattern";
    private static final String SERVLET_NAME = "servlet.name";
    private static final String RANKING = "service.ranking";

    /** A filter that says its name, and a parameter. */
    private static final class Named extends Around {

        private String name;

        Named() {
            super("");
        }

        @Override
        public void init(FilterConfig config) {
            name = config.getFilterName() + " " + config.getInitParameter("text") + " "
                    + config.getInitParameter("number") + " ";
        }

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            response.getWriter().print(name);
            chain.doFilter(request, response);
        }
    }

    /** A filter that lets nobody through. */
    private static final class Closed extends Around {

        Closed() {
            super("");
        }

        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain) throws IOException {
            ((HttpServletResponse) response).sendError(HttpServletResponse.SC_FORBIDDEN);
        }
    }

    private FilterServices() {}

    static void register(Registrar in) {
        order(in, "order", "/two/*", "/three/*", "/ranked/*", "/one/*");
        order(in, "order-extension", "*.two", "*.three", "*.ranked", "*.one");
        patterns(in);
        dispatchers(in);
        names(in);
    }

    private static void order(Registrar in, String where, String two, String three, String ranked, String one) {
        in.context(where);
        in.servlet(where, Says.text("a"), SERVLET_PATTERN, "/*", SERVLET_NAME, "a");
        in.filter(where, new Around("b"), PATTERN, new String[] {one, two, three, ranked}, NAME, "b");
        in.filter(where, new Around("c"), PATTERN, new String[] {two, three, ranked}, NAME, "c");
        in.filter(where, new Around("d"), PATTERN, three, NAME, "d");
        in.filter(where, new Around("e"), PATTERN, ranked, NAME, "e", RANKING, Integer.MAX_VALUE);
        in.filter(where, new Around("f"), PATTERN, ranked, NAME, "f", RANKING, -1);
    }

    private static void patterns(Registrar in) {
        for (String[] one :
                new String[][] {{"filter-all", "/*"}, {"filter-root", ""}, {"filter-extension", "*.html"}}) {
            in.context(one[0]);
            in.servlet(one[0], Says.text("a"), SERVLET_PATTERN, "/*", SERVLET_NAME, "a");
            in.filter(one[0], new Around("b"), PATTERN, one[1], NAME, "b");
        }
        in.context("filter-other");
        in.servlet(
                "filter-other", Says.text("a"), SERVLET_PATTERN, new String[] {"/a", "/ab", "/c"}, SERVLET_NAME, "a");
        in.filter("filter-other", new Around("r"), "filter.regex", "/a.+", NAME, "r");
        in.filter("filter-other", new Around("m"), "filter.regex", new String[] {"/c", "/none"}, NAME, "m");
        in.filter("filter-other", new Around("t"), PATTERN, "/*", NAME, "t", "target", "(some=other)");
        in.filter("filter-other", new Closed(), PATTERN, "/closed/*", NAME, "closed");
        in.servlet("filter-other", Says.text("behind"), SERVLET_PATTERN, "/closed/*", SERVLET_NAME, "behind");
    }

    private static void dispatchers(Registrar in) {
        String where = "dispatchers";
        in.context(where);
        for (String kind : new String[] {"REQUEST", "FORWARD", "INCLUDE", "ASYNC"}) {
            String path = "/" + kind.toLowerCase(java.util.Locale.ROOT);
            in.servlet(
                    where, Says.text("a"), SERVLET_PATTERN, path, SERVLET_NAME, kind, "servlet.asyncSupported", true);
            in.filter(
                    where, new Around("b"), PATTERN, path, NAME, kind, DISPATCHER, kind, "filter.asyncSupported", true);
            in.servlet(where, Says.forward(path), SERVLET_PATTERN, "/by-forward" + path, SERVLET_NAME, "f" + kind);
            in.servlet(where, Says.include(path), SERVLET_PATTERN, "/by-include" + path, SERVLET_NAME, "i" + kind);
            in.servlet(
                    where,
                    new Says((request, response) -> request.startAsync().dispatch(path)),
                    SERVLET_PATTERN,
                    "/by-async" + path,
                    SERVLET_NAME,
                    "a" + kind,
                    "servlet.asyncSupported",
                    true);
        }
        in.servlet(where, Says.text("page"), "servlet.errorPage", "403", SERVLET_NAME, "page");
        in.servlet(where, Says.error(403, "no"), SERVLET_PATTERN, "/error", SERVLET_NAME, "error");
        in.filter(where, new Around("b"), "filter.servlet", "page", NAME, "error", DISPATCHER, "ERROR");
        in.servlet(where, Says.text("a"), SERVLET_PATTERN, "/both", SERVLET_NAME, "both");
        in.servlet(where, Says.forward("/both"), SERVLET_PATTERN, "/to-both", SERVLET_NAME, "to both");
        in.servlet(where, Says.include("/both"), SERVLET_PATTERN, "/with-both", SERVLET_NAME, "with both");
        in.filter(where, new Around("b"), PATTERN, "/both", NAME, "both", DISPATCHER, new String[] {"REQUEST", "FORWARD"
        });
    }

    private static void names(Registrar in) {
        in.context("filter-names");
        in.servlet("filter-names", Says.text("a"), SERVLET_PATTERN, "/unnamed", SERVLET_NAME, "unnamed");
        in.servlet("filter-names", Says.text("a"), SERVLET_PATTERN, "/named", SERVLET_NAME, "named");
        in.servlet("filter-names", Says.text("a"), SERVLET_PATTERN, "/neither", SERVLET_NAME, "neither");
        in.filter("filter-names", new Named(), "filter.servlet", "unnamed", "filter.init.number", 345L);
        in.filter(
                "filter-names", new Named(), "filter.servlet", "named", NAME, "its name", "filter.init.text", "value");
        in.context("filter-async");
        Says supported = new Says((request, response) -> response.getWriter().print(request.isAsyncSupported()));
        in.servlet("filter-async", supported, SERVLET_PATTERN, "/*", SERVLET_NAME, "s", "servlet.asyncSupported", true);
        in.filter("filter-async", new Around("b"), PATTERN, "/with", NAME, "with", "filter.asyncSupported", true);
        in.filter("filter-async", new Around("b"), PATTERN, "/without", NAME, "without");
        in.filter("filter-async", new Around("b"), PATTERN, "/number", NAME, "number", "filter.asyncSupported", 234L);
    }
}
