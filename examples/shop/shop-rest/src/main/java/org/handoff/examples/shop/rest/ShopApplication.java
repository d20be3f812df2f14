package org.handoff.examples.shop.rest;

import javax.ws.rs.core.Application;

import org.osgi.service.component.annotations.Component;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardContextSelect;
import org.osgi.service.jaxrs.whiteboard.propertytypes.JaxrsApplicationBase;
import org.osgi.service.jaxrs.whiteboard.propertytypes.JaxrsName;

/** The resources at /shop/api: within the servlet context of the shop. */
@Component(service = Application.class)
@JaxrsName(ShopApplication.NAME)
@JaxrsApplicationBase("api")
@HttpWhiteboardContextSelect("(osgi.http.whiteboard.context.name=shop)")
public final class ShopApplication extends Application {

    static final String NAME = "shop";
    static final String SELECT = "(osgi.jaxrs.name=" + NAME + ")";
}
