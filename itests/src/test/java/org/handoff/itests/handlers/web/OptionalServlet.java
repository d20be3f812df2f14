package org.handoff.itests.handlers.web;

import java.io.IOException;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** A servlet that is there where a configuration is. */
@Component(
        service = Servlet.class,
        configurationPid = OptionalServlet.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "osgi.http.whiteboard.servlet.pattern=/web-optional")
public class OptionalServlet extends HttpServlet {

    public static final String PID = "org.handoff.itests.web.optional";

    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter().print(request.getServletPath());
    }
}
