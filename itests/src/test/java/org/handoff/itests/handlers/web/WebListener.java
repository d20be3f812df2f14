package org.handoff.itests.handlers.web;

import javax.servlet.ServletContextEvent;
import javax.servlet.ServletContextListener;
import javax.servlet.ServletRequestEvent;
import javax.servlet.ServletRequestListener;
import javax.servlet.http.HttpSessionEvent;
import javax.servlet.http.HttpSessionListener;

import org.osgi.service.component.annotations.Component;

/** Hears of the context, of requests and of sessions. */
@Component(
        service = {ServletContextListener.class, ServletRequestListener.class, HttpSessionListener.class},
        property = {
            "osgi.http.whiteboard.listener=true",
            "osgi.http.whiteboard.context.select=(osgi.http.whiteboard.context.name=web)"
        })
public class WebListener implements ServletContextListener, ServletRequestListener, HttpSessionListener {

    @Override
    public void contextInitialized(ServletContextEvent event) {
        event.getServletContext().setAttribute("initialized", "yes");
    }

    @Override
    public void requestInitialized(ServletRequestEvent event) {
        event.getServletRequest().setAttribute("seen", "by the listener");
    }

    @Override
    public void sessionCreated(HttpSessionEvent event) {
        event.getSession().setAttribute("created", "heard");
    }
}
