package org.handoff.itests.handlers.web;

import java.io.IOException;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.service.component.annotations.Component;

/** The page for a status and for an exception. */
@Component(
        service = Servlet.class,
        property = {
            "osgi.http.whiteboard.servlet.errorPage=418",
            "osgi.http.whiteboard.servlet.errorPage=java.lang.IllegalStateException",
            "osgi.http.whiteboard.context.select=(osgi.http.whiteboard.context.name=web)"
        })
public class ErrorServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Object thrown = request.getAttribute("javax.servlet.error.exception");
        response.getWriter()
                .print("page for " + request.getAttribute("javax.servlet.error.status_code") + " "
                        + request.getAttribute("javax.servlet.error.message") + " "
                        + request.getAttribute("javax.servlet.error.request_uri") + " "
                        + (thrown == null ? "" : thrown.getClass().getSimpleName()));
    }
}
