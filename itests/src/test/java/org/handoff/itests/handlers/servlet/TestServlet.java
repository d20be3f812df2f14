package org.handoff.itests.handlers.servlet;

import java.io.IOException;

import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.service.component.annotations.Component;

/** A servlet at /servlet, and the static resources of its bundle at /static, by the whiteboard. */
@Component(service = Servlet.class, property = {
    "osgi.http.whiteboard.servlet.pattern=/servlet",
    "osgi.http.whiteboard.resource.pattern=/static/*",
    "osgi.http.whiteboard.resource.prefix=/org/handoff/itests/handlers/servlet"})
public class TestServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter().print("a servlet");
    }
}
