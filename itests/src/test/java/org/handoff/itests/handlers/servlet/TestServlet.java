package org.handoff.itests.handlers.servlet;

import java.io.IOException;
import java.io.UncheckedIOException;
import javax.servlet.AsyncContext;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.service.component.annotations.Component;

/**
 * A servlet at /servlet and, asynchronous, at /later, and the static resources of its bundle at /static, by the
 * whiteboard.
 */
@Component(
        service = Servlet.class,
        property = {
            "osgi.http.whiteboard.servlet.pattern=/servlet",
            "osgi.http.whiteboard.servlet.pattern=/later",
            "osgi.http.whiteboard.servlet.asyncSupported:Boolean=true",
            "osgi.http.whiteboard.resource.pattern=/static/*",
            "osgi.http.whiteboard.resource.prefix=/org/handoff/itests/handlers/servlet"
        })
public class TestServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getServletPath().equals("/later")) {
            AsyncContext later = request.startAsync();
            later.start(() -> answer(later, "a servlet, later"));
        } else {
            response.getWriter().print("a servlet");
        }
    }

    private static void answer(AsyncContext later, String text) {
        try {
            later.getResponse().getWriter().print(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            later.complete();
        }
    }
}
