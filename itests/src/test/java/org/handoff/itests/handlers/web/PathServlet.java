package org.handoff.itests.handlers.web;

import java.io.IOException;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.service.component.annotations.Component;

/** Says what it knows of its request and its process. */
@Component(
        service = Servlet.class,
        property = {
            "osgi.http.whiteboard.servlet.name=paths",
            "osgi.http.whiteboard.servlet.pattern=/paths/*",
            "osgi.http.whiteboard.context.select=(osgi.http.whiteboard.context.name=web)",
            "servlet.init.color=blue"
        })
public class PathServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("text/plain");
        response.getWriter()
                .printf(
                        "%s|%s|%s|%s|%s|%s|%s|%d",
                        request.getContextPath(),
                        request.getServletPath(),
                        request.getPathInfo(),
                        request.getRequestURI(),
                        request.getQueryString(),
                        getInitParameter("color"),
                        getServletContext().getInitParameter("greeting"),
                        ProcessHandle.current().pid());
    }
}
