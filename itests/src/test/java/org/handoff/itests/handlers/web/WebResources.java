package org.handoff.itests.handlers.web;

import org.osgi.service.component.annotations.Component;

/** Files of this bundle. */
@Component(
        service = WebResources.class,
        property = {
            "osgi.http.whiteboard.resource.pattern=/files/*",
            "osgi.http.whiteboard.resource.prefix=/org/handoff/itests/handlers/web",
            "osgi.http.whiteboard.context.select=(osgi.http.whiteboard.context.name=web)"
        })
public class WebResources {}
