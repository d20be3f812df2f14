package org.handoff.itests.handlers.web;

import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.osgi.service.component.annotations.Component;
import org.osgi.service.http.context.ServletContextHelper;

/** A servlet context that lets in who says so. */
@Component(
        service = ServletContextHelper.class,
        property = {"osgi.http.whiteboard.context.name=guarded", "osgi.http.whiteboard.context.path=/web/guarded"})
public class GuardedContext extends ServletContextHelper {

    @Override
    public boolean handleSecurity(HttpServletRequest request, HttpServletResponse response) {
        if (!"friend".equals(request.getHeader("X-Who"))) {
            response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
            return false;
        }
        request.setAttribute(REMOTE_USER, "friend");
        return true;
    }
}
