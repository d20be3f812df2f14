package org.handoff.itests.handlers.web;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import javax.servlet.AsyncContext;
import javax.servlet.DispatcherType;
import javax.servlet.Servlet;
import javax.servlet.ServletException;
import javax.servlet.http.Cookie;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.Part;

import org.osgi.service.component.annotations.Component;

/** Does what the path says, so that each method of the servlet API can be asked for. */
@Component(
        service = Servlet.class,
        property = {
            "osgi.http.whiteboard.servlet.name=commands",
            "osgi.http.whiteboard.servlet.pattern=/do/*",
            "osgi.http.whiteboard.servlet.asyncSupported:Boolean=true",
            "osgi.http.whiteboard.servlet.multipart.enabled:Boolean=true",
            "osgi.http.whiteboard.context.select=(osgi.http.whiteboard.context.name=web)"
        })
public class CommandServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    private static final int TEAPOT = 418;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        switch (String.valueOf(request.getPathInfo())) {
            case "/parameters" -> {
                response.setCharacterEncoding("UTF-8");
                say(response, parameters(request));
            }
            case "/latin" -> {
                request.setCharacterEncoding("ISO-8859-1");
                response.setCharacterEncoding("UTF-8");
                say(response, parameters(request));
            }
            case "/body" -> say(response, new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            case "/reader" -> say(response, request.getReader().readLine());
            case "/headers" ->
                say(
                        response,
                        Collections.list(request.getHeaders("X-Many")) + " " + request.getIntHeader("X-Int") + " "
                                + request.getIntHeader("X-None") + " " + request.getDateHeader("If-Modified-Since"));
            case "/int" -> say(response, "" + request.getIntHeader("X-Many"));
            case "/locales" -> say(response, "" + Collections.list(request.getLocales()));
            case "/cookies" -> cookies(request, response);
            case "/mapping" ->
                say(
                        response,
                        request.getHttpServletMapping().getMappingMatch() + " "
                                + request.getHttpServletMapping().getPattern() + " "
                                + request.getHttpServletMapping().getMatchValue());
            case "/server" ->
                say(
                        response,
                        request.getScheme() + " " + request.getProtocol() + " " + request.isSecure() + " "
                                + request.getRemoteAddr() + " " + request.getDispatcherType());
            case "/latin-writer" -> {
                response.setContentType("text/html");
                response.getWriter().print("ä");
            }
            case "/utf-writer" -> {
                response.setContentType("text/html; charset=UTF-8");
                response.getWriter().print("ä");
            }
            case "/flush" -> {
                response.getWriter().print("first");
                response.flushBuffer();
                response.setHeader("X-Late", "late");
                response.getWriter().print(response.isCommitted());
            }
            case "/length" -> {
                response.setContentLength(3);
                response.getOutputStream().print("abc");
            }
            case "/reset" -> {
                response.setHeader("X-Gone", "gone");
                response.setStatus(TEAPOT);
                response.getWriter().print("gone");
                response.reset();
                say(response, "" + response.getStatus() + response.containsHeader("X-Gone"));
            }
            case "/header" -> {
                response.addHeader("X-Answer", "one");
                response.addHeader("X-Answer", "two");
                response.setDateHeader("Last-Modified", 0);
                response.setLocale(Locale.GERMANY);
                say(response, "" + response.getHeaders("X-Answer"));
            }
            case "/redirect" -> response.sendRedirect("../elsewhere?a=b");
            case "/both" -> {
                response.getWriter();
                say(response, failure(response::getOutputStream));
            }
            case "/error" -> response.sendError(TEAPOT, "a teapot");
            case "/gone" -> response.sendError(HttpServletResponse.SC_GONE, "no more");
            case "/throw" -> throw new IllegalStateException("thrown");
            case "/servlet-exception" -> throw new ServletException("of a servlet");
            case "/parts" -> parts(request, response);
            case "/forward" ->
                request.getRequestDispatcher("/paths/forwarded?y=z").forward(request, response);
            case "/forward-parameters" ->
                request.getRequestDispatcher("/do/parameters?a=2&b=3").forward(request, response);
            case "/loader" -> say(response, "" + isOurs(Thread.currentThread().getContextClassLoader()));
            case "/forward-attributes" ->
                request.getRequestDispatcher("/do/attributes").forward(request, response);
            case "/attributes" ->
                say(
                        response,
                        request.getDispatcherType() + " " + request.getAttribute("javax.servlet.forward.request_uri")
                                + " " + request.getAttribute("javax.servlet.forward.path_info"));
            case "/include" -> {
                response.getWriter().print("<");
                request.getRequestDispatcher("/code").include(request, response);
                response.getWriter().print(">");
            }
            case "/named" -> getServletContext().getNamedDispatcher("paths").forward(request, response);
            case "/no-dispatcher" ->
                say(
                        response,
                        (getServletContext().getRequestDispatcher("/nobody") == null) + " "
                                + (getServletContext().getNamedDispatcher("nobody") == null));
            case "/later" -> later(request);
            case "/dispatch" -> dispatch(request, response);
            case "/timeout" -> {
                AsyncContext async = request.startAsync();
                async.setTimeout(50);
            }
            case "/stream" -> stream(request);
            case "/resource" -> resource(response);
            case "/context" ->
                say(
                        response,
                        getServletContext().getContextPath() + " "
                                + getServletContext().getServletContextName() + " "
                                + getServletContext().getMajorVersion() + " "
                                + getServletContext().getMimeType("a.html") + " "
                                + getServletContext().getAttribute("initialized"));
            case "/user" ->
                say(response, request.getRemoteUser() + " " + request.getAuthType() + " " + request.isUserInRole("x"));
            case "/filters" -> say(response, "" + request.getAttribute("filters"));
            case "/seen" -> say(response, "" + request.getAttribute("seen"));
            default -> say(response, "no command");
        }
    }

    private static void say(HttpServletResponse response, String text) throws IOException {
        response.getWriter().print(text);
    }

    private static String parameters(HttpServletRequest request) {
        List<String> all = new ArrayList<>();
        request.getParameterMap().forEach((name, values) -> all.add(name + "=" + Arrays.toString(values)));
        return String.join(" ", all);
    }

    /** Whether it is the one of this bundle. */
    private static boolean isOurs(ClassLoader loader) {
        try {
            return loader.loadClass(CommandServlet.class.getName()) == CommandServlet.class;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private interface Attempt {
        void run() throws Exception;
    }

    private static String failure(Attempt attempt) {
        try {
            attempt.run();
            return "none";
        } catch (Exception e) {
            return e.getClass().getSimpleName();
        }
    }

    private static void cookies(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Cookie answered = new Cookie("answered", "yes");
        answered.setPath("/web");
        answered.setMaxAge(60);
        answered.setHttpOnly(true);
        response.addCookie(answered);
        Cookie[] cookies = request.getCookies();
        say(response, cookies == null ? "none" : cookies[0].getName() + "=" + cookies[0].getValue());
    }

    private static void parts(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        StringBuilder text = new StringBuilder();
        for (Part part : request.getParts()) {
            text.append(part.getName())
                    .append(' ')
                    .append(part.getSubmittedFileName())
                    .append(' ')
                    .append(part.getContentType())
                    .append(' ')
                    .append(new String(part.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .append('|');
        }
        say(response, text + request.getParameter("field"));
    }

    private static void later(HttpServletRequest request) {
        AsyncContext async = request.startAsync();
        async.start(() -> {
            try {
                async.getResponse().getWriter().print("later");
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            } finally {
                async.complete();
            }
        });
    }

    private static void dispatch(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getDispatcherType() == DispatcherType.ASYNC) {
            say(response, "dispatched " + request.getAttribute("kept"));
            return;
        }
        request.setAttribute("kept", "attribute");
        AsyncContext async = request.startAsync();
        async.start(async::dispatch);
    }

    private static void stream(HttpServletRequest request) {
        AsyncContext async = request.startAsync();
        async.start(() -> {
            try {
                for (int i = 0; i < 3; i++) {
                    async.getResponse().getWriter().print("piece" + i);
                    async.getResponse().flushBuffer();
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            } finally {
                async.complete();
            }
        });
    }

    private void resource(HttpServletResponse response) throws IOException {
        say(
                response,
                (getServletContext().getResource("/org/handoff/itests/handlers/web/page.txt") != null) + " "
                        + getServletContext().getRealPath("/x"));
    }
}
