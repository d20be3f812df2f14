package org.handoff.itests.handlers.specified;

import java.io.IOException;
import java.net.URL;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;

import org.osgi.framework.Bundle;
import org.osgi.service.http.context.ServletContextHelper;

/** Sections 140.2 and 140.3: servlet contexts. */
final class ContextServices {

    private static final String PATTERN = "servlet.pattern";
    private static final String NAME = "servlet.name";

    /** What has been called of the servlet contexts with security, in order. */
    private static final List<String> CALLS = new CopyOnWriteArrayList<>();

    /** A servlet context that answers everything itself. */
    private static final class Own extends ServletContextHelper {

        Own(Bundle bundle) {
            super(bundle);
        }

        @Override
        public URL getResource(String name) {
            return super.getResource("/org/handoff/itests/handlers/specified/page.txt");
        }

        @Override
        public Set<String> getResourcePaths(String path) {
            return new TreeSet<>(Set.of("/one", "/two"));
        }

        @Override
        public String getMimeType(String name) {
            return "text/x-own";
        }

        @Override
        public String getRealPath(String path) {
            return "/real" + path;
        }
    }

    /** A servlet context that lets in who says so. */
    private static final class Secured extends ServletContextHelper {

        @Override
        public boolean handleSecurity(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if (request.getParameter("auth") == null) {
                return false;
            }
            CALLS.add("handle");
            request.setAttribute(REMOTE_USER, "user");
            request.setAttribute(AUTHENTICATION_TYPE, "own");
            return true;
        }

        @Override
        public void finishSecurity(HttpServletRequest request, HttpServletResponse response) {
            CALLS.add("finish");
        }
    }

    private ContextServices() {}

    static void register(Registrar in) {
        paths(in);
        properties(in);
        in.context("secured", new Secured());
        in.servlet("secured", new Says(ContextServices::secured), PATTERN, "/servlet", NAME, "secured");
        in.context("calls");
        in.servlet(
                "calls",
                new Says((request, response) -> {
                    response.getWriter().print(String.join(" ", CALLS));
                    CALLS.clear();
                }),
                PATTERN,
                "/calls",
                NAME,
                "calls");
    }

    private static void secured(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        CALLS.add("servlet");
        String does = request.getParameter("does");
        if (does == null || request.getAttribute("again") != null) {
            response.getWriter().print(request.getRemoteUser() + " " + request.getAuthType());
            return;
        }
        request.setAttribute("again", true);
        switch (does) {
            case "forward" -> request.getRequestDispatcher("/servlet").forward(request, response);
            case "include" -> request.getRequestDispatcher("/servlet").include(request, response);
            default -> throw new ServletException(does);
        }
    }

    private static void session(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String set = request.getParameter("set");
        if (set != null) {
            request.getSession().setAttribute("its", set);
        }
        if (request.getParameter("end") != null) {
            request.getSession().invalidate();
        }
        HttpSession session = request.getSession(false);
        response.getWriter().print(session == null ? "none" : session.getAttribute("its"));
    }

    private static void paths(Registrar in) {
        in.context("long");
        in.context("long/er");
        in.servlet("long", Says.text("shorter"), PATTERN, "/er/test", NAME, "shorter");
        in.servlet("long", Says.text("shorter only"), PATTERN, "/er/only", NAME, "only");
        in.servlet("long", Says.text("shorter below"), PATTERN, "/er/below/servlet", NAME, "below");
        in.servlet("long/er", Says.text("longer"), PATTERN, "/test", NAME, "longer");
        in.servlet("long/er", Says.text("longer below"), PATTERN, "/below/*", NAME, "below");
        for (String[] one : new String[][] {{"path-low", "1"}, {"path-high", "2"}}) {
            int ranking = Integer.parseInt(one[1]);
            in.context(one[0], "context.path", "/specified/path", "service.ranking", ranking);
            in.servlet(one[0], Says.text(one[0]), PATTERN, "/both", NAME, "both");
            in.servlet(one[0], Says.text(one[0]), PATTERN, "/" + one[0], NAME, one[0]);
        }
        in.context("twice", "context.path", "/specified/twice-low", "service.ranking", 1);
        in.context("twice", "context.path", "/specified/twice-high", "service.ranking", 2);
        in.servlet("twice", Says.paths(), PATTERN, "/a", NAME, "a");
    }

    private static void properties(Registrar in) {
        in.context("context", "context.init.text", "value", "context.init.number", 345L);
        in.context("context-other");
        Says parameters = new Says((request, response) -> response.getWriter()
                .print(request.getServletContext().getInitParameter("text") + " "
                        + request.getServletContext().getInitParameter("number") + " "
                        + request.getServletContext().getServletContextName() + " "
                        + request.getServletContext().getContextPath()));
        in.servlet("context", parameters, PATTERN, "/parameters", NAME, "parameters");
        Says attributes = new Says((request, response) -> {
            String set = request.getParameter("set");
            if (set != null) {
                request.getServletContext().setAttribute("shared", set);
            }
            response.getWriter().print(request.getServletContext().getAttribute("shared"));
        });
        in.servlet("context", attributes, PATTERN, "/attributes", NAME, "attributes");
        in.servlet("context-other", new Says(attributes::service), PATTERN, "/attributes", NAME, "attributes");
        Says sessions = new Says(ContextServices::session);
        in.servlet("context", sessions, PATTERN, "/session", NAME, "session");
        in.servlet("context-other", new Says(sessions::service), PATTERN, "/session", NAME, "session");
        in.context("context-own", new Own(in.context().getBundle()));
        Says resources = new Says((request, response) -> response.getWriter()
                .print((request.getServletContext().getResource("/any") != null) + " "
                        + request.getServletContext().getResourcePaths("/") + " "
                        + request.getServletContext().getMimeType("a.txt") + " "
                        + request.getServletContext().getRealPath("/any")));
        in.servlet("context-own", resources, PATTERN, "/resources", NAME, "resources");
        in.servlet(
                "default",
                new Says((request, response) -> response.getWriter()
                        .print((request.getServletContext()
                                                .getResource("/org/handoff/itests/handlers/specified/page.txt")
                                        != null)
                                + " " + request.getContextPath() + "|" + request.getServletPath())),
                PATTERN,
                "/specified-default",
                NAME,
                "in the default context");
    }
}
