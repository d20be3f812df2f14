package org.handoff.itests.handlers.web;

import java.io.IOException;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.service.component.annotations.Component;

/** A servlet of the default context, with patterns of each kind but the prefix. */
@Component(
        service = Servlet.class,
        property = {"osgi.http.whiteboard.servlet.pattern=/web-exact", "osgi.http.whiteboard.servlet.pattern=*.webdo"})
public class PlainServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter()
                .print(request.getContextPath() + "|" + request.getServletPath() + "|" + request.getPathInfo());
    }
}
