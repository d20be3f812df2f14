package org.handoff.examples.shop.web;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ServiceScope;
import org.osgi.service.http.context.ServletContextHelper;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardContext;

/** The servlet context at /shop. */
@Component(service = ServletContextHelper.class, scope = ServiceScope.BUNDLE)
@HttpWhiteboardContext(name = ShopContext.NAME, path = "/shop")
public final class ShopContext extends ServletContextHelper {

    static final String NAME = "shop";
    static final String SELECT = "(osgi.http.whiteboard.context.name=" + NAME + ")";

    /** Has the resources of the bundle. */
    @Activate
    public ShopContext(BundleContext context) {
        super(context.getBundle());
    }
}
