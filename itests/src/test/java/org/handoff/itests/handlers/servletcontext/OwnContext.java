package org.handoff.itests.handlers.servletcontext;

import org.osgi.service.component.annotations.Component;
import org.osgi.service.http.context.ServletContextHelper;

/** A context of the whiteboard of a bundle's own, at /own. */
@Component(
        service = ServletContextHelper.class,
        property = {"osgi.http.whiteboard.context.name=own", "osgi.http.whiteboard.context.path=/own"})
public class OwnContext extends ServletContextHelper {}
