package org.handoff.examples.shop.rest;

import java.util.List;
import javax.ws.rs.GET;
import javax.ws.rs.NotFoundException;
import javax.ws.rs.Path;
import javax.ws.rs.PathParam;
import javax.ws.rs.Produces;
import javax.ws.rs.core.MediaType;

import org.handoff.examples.shop.catalog.Catalog;
import org.handoff.examples.shop.catalog.Product;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.jaxrs.whiteboard.propertytypes.JaxrsApplicationSelect;
import org.osgi.service.jaxrs.whiteboard.propertytypes.JaxrsResource;

/** The products as JSON. */
@Component(service = ProductsResource.class)
@JaxrsResource
@JaxrsApplicationSelect(ShopApplication.SELECT)
@Path("products")
@Produces(MediaType.APPLICATION_JSON)
public final class ProductsResource {

    private final Catalog catalog;

    /** Has the products of that catalog. */
    @Activate
    public ProductsResource(@Reference Catalog catalog) {
        this.catalog = catalog;
    }

    /** All products. */
    @GET
    public List<Product> products() {
        return catalog.products();
    }

    /** The product with that id. */
    @GET
    @Path("{id}")
    public Product product(@PathParam("id") String id) {
        return catalog.product(id).orElseThrow(NotFoundException::new);
    }
}
