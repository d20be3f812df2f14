package org.handoff.itests.handlers.webbroken;

import javax.servlet.Servlet;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServlet;

import org.osgi.service.component.annotations.Component;

/** A servlet that does not start. */
@Component(service = Servlet.class, property = "osgi.http.whiteboard.servlet.pattern=/web-exact")
public class BrokenServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    public void init() throws ServletException {
        throw new ServletException("not today");
    }
}
