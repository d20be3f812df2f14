package org.handoff.itests.handlers.specified;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import javax.servlet.AsyncContext;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.Part;

import org.osgi.framework.Bundle;
import org.osgi.framework.PrototypeServiceFactory;
import org.osgi.framework.ServiceRegistration;

/** Section 140.4: servlets. */
final class ServletServices {

    private static final String PATTERN = "servlet.pattern";
    private static final String NAME = "servlet.name";
    private static final String RANKING = "service.ranking";
    private static final String ASYNC = "servlet.asyncSupported";
    private static final String MULTIPART = "servlet.multipart.";

    private ServletServices() {}

    /** A servlet whose name is that of its class. */
    private static final class Unnamed extends HttpServlet {

        private static final long serialVersionUID = 1;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print(getServletName());
        }
    }

    /** A servlet that answers its initial parameters. */
    private static final class Initialized extends HttpServlet {

        private static final long serialVersionUID = 1;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter()
                    .print(getInitParameter("text") + " " + getInitParameter("number") + " "
                            + Collections.list(getInitParameterNames()));
        }
    }

    /** A servlet of its own for each servlet context. */
    private static final class EachItsOwn implements PrototypeServiceFactory<Servlet> {

        @Override
        public Servlet getService(Bundle bundle, ServiceRegistration<Servlet> registration) {
            return Says.paths();
        }

        @Override
        public void ungetService(Bundle bundle, ServiceRegistration<Servlet> registration, Servlet servlet) {
            // It has nothing.
        }
    }

    static void register(Registrar in) {
        patterns(in);
        precedence(in);
        properties(in);
        multipart(in);
    }

    private static void patterns(Registrar in) {
        in.context("patterns");
        in.servlet("patterns", Says.paths(), PATTERN, new String[] {"/a", "/b"}, NAME, "both");
        in.servlet("patterns", Says.text("fum"), PATTERN, "/fee/fi/foo/fum", NAME, "fum");
        in.context("all");
        in.servlet("all", Says.paths(), PATTERN, "/*", NAME, "all");
        in.context("extension");
        in.servlet("extension", Says.paths(), PATTERN, "*.html", NAME, "extension");
        in.context("root");
        in.servlet("root", Says.paths(), PATTERN, "", NAME, "root");
        in.context("both");
        in.servlet("both", Says.text("both"), PATTERN, new String[] {"", "/"}, NAME, "both");
        in.context("fallback");
        in.servlet("fallback", Says.paths(), PATTERN, "/", NAME, "fallback");
    }

    private static void precedence(Registrar in) {
        in.context("precedence");
        in.servlet("precedence", Says.text("fallback"), PATTERN, "/", NAME, "fallback");
        in.servlet("precedence", Says.text("extension"), PATTERN, "*.html", NAME, "extension");
        in.servlet("precedence", Says.text("prefix"), PATTERN, "/x/*", NAME, "prefix");
        in.servlet("precedence", Says.text("longer"), PATTERN, "/x/y/*", NAME, "longer");
        in.servlet("precedence", Says.text("exact"), PATTERN, "/x/y/z.html", NAME, "exact");
        in.context("ranking");
        in.servlet("ranking", Says.text("first"), PATTERN, "/same", NAME, "first");
        in.servlet("ranking", Says.text("second"), PATTERN, "/same", NAME, "second");
        in.servlet("ranking", Says.text("low"), PATTERN, "/ranked", NAME, "low");
        in.servlet("ranking", Says.text("high"), PATTERN, "/ranked", NAME, "high", RANKING, 1000);
        in.servlet("ranking", Says.text("lower"), PATTERN, new String[] {"/foo", "/bar"}, NAME, "lower", RANKING, 1);
        in.servlet("ranking", Says.text("higher"), PATTERN, new String[] {"/foo", "/baz"}, NAME, "higher", RANKING, 2);
    }

    private static void properties(Registrar in) {
        in.context("names");
        in.servlet("names", new Unnamed(), PATTERN, "/unnamed");
        in.servlet("names", Says.text("named only"), NAME, "only");
        in.servlet(
                "names",
                new Says((request, response) ->
                        request.getServletContext().getNamedDispatcher("only").include(request, response)),
                PATTERN,
                "/by-name",
                NAME,
                "asking");
        in.context("parameters");
        in.servlet(
                "parameters",
                new Initialized(),
                PATTERN,
                "/p",
                NAME,
                "initialized",
                "servlet.init.text",
                "value",
                "servlet.init.number",
                345L);
        in.context("async");
        Says supported = new Says((request, response) -> response.getWriter().print(request.isAsyncSupported()));
        in.servlet("async", supported, PATTERN, "/none", NAME, "none");
        in.servlet("async", new Says(supported::service), PATTERN, "/true", NAME, "true", ASYNC, "true");
        in.servlet("async", new Says(supported::service), PATTERN, "/false", NAME, "false", ASYNC, "false");
        in.servlet("async", new Says(supported::service), PATTERN, "/word", NAME, "word", ASYNC, "blah");
        in.servlet("async", new Says(supported::service), PATTERN, "/number", NAME, "number", ASYNC, 234L);
        Says later = new Says((request, response) -> {
            AsyncContext async = request.startAsync();
            async.start(() -> {
                try {
                    async.getResponse().getWriter().print("later");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                async.complete();
            });
        });
        in.servlet("async", later, PATTERN, "/later", NAME, "later", ASYNC, true);
        in.servlet("async", new Says(later::service), PATTERN, "/refused", NAME, "refused");
        in.context("targets");
        in.servlet("targets", Says.text("here"), PATTERN, "/here", NAME, "here", "target", "(osgi.http.endpoint=*)");
        in.servlet("targets", Says.text("other"), PATTERN, "/other", NAME, "other", "target", "(some=other)");
        in.context("one");
        in.context("two");
        in.context()
                .registerService(
                        Servlet.class,
                        new EachItsOwn(),
                        Registrar.properties(
                                PATTERN,
                                "/each",
                                NAME,
                                "each",
                                "context.select",
                                "(|(osgi.http.whiteboard.context.name=one)(osgi.http.whiteboard.context.name=two))"));
    }

    private static void multipart(Registrar in) {
        Says sizes = new Says((request, response) -> {
            StringBuilder text = new StringBuilder();
            for (Part part : request.getParts()) {
                text.append(part.getName()).append(' ').append(part.getSize());
            }
            response.setStatus(201);
            response.getWriter().print(text);
        });
        in.context("multipart");
        in.servlet(
                "multipart",
                sizes,
                PATTERN,
                "/parts",
                NAME,
                "parts",
                MULTIPART + "enabled",
                true,
                MULTIPART + "maxFileSize",
                1024L);
        in.servlet(
                "multipart",
                new Says(sizes::service),
                PATTERN,
                "/all",
                NAME,
                "all",
                MULTIPART + "enabled",
                true,
                MULTIPART + "maxRequestSize",
                1024L,
                MULTIPART + "fileSizeThreshold",
                16);
        in.servlet("multipart", new Says(sizes::service), PATTERN, "/disabled", NAME, "disabled");
    }
}
