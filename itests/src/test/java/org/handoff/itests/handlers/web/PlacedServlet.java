package org.handoff.itests.handlers.web;

import java.io.IOException;
import javax.servlet.Servlet;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;

/** A servlet whose pattern stands in its configuration alone. */
@Component(
        service = Servlet.class,
        configurationPid = PlacedServlet.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public class PlacedServlet extends HttpServlet {

    public static final String PID = "org.handoff.itests.web.placed";

    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.getWriter().print(request.getServletPath());
    }
}
