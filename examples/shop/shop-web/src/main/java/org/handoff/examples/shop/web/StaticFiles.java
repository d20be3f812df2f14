package org.handoff.examples.shop.web;

import org.osgi.service.component.annotations.Component;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardContextSelect;
import org.osgi.service.http.whiteboard.propertytypes.HttpWhiteboardResource;

/** The files of the bundle's folder static, at /shop/static. */
@Component(service = StaticFiles.class)
@HttpWhiteboardContextSelect(ShopContext.SELECT)
@HttpWhiteboardResource(pattern = "/static/*", prefix = "/static")
public final class StaticFiles {}
