package org.handoff.itests.handlers.web;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ServiceScope;
import org.osgi.service.http.context.ServletContextHelper;

/** A servlet context of its own, at /web. */
@Component(
        service = ServletContextHelper.class,
        scope = ServiceScope.BUNDLE,
        property = {
            "osgi.http.whiteboard.context.name=web",
            "osgi.http.whiteboard.context.path=/web",
            "context.init.greeting=hello"
        })
public class ShopContext extends ServletContextHelper {

    /** Uses the bundle's resources. */
    @Activate
    public ShopContext(BundleContext context) {
        super(context.getBundle());
    }
}
