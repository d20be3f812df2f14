package org.handoff.examples.shop.catalog;

import java.util.List;
import java.util.Optional;

import org.osgi.annotation.versioning.ProviderType;

/** The products of the shop. */
@ProviderType
public interface Catalog {

    /** All products, in the order of their names. */
    List<Product> products();

    /** The product with that id. */
    default Optional<Product> product(String id) {
        return products().stream().filter(product -> product.id().equals(id)).findFirst();
    }
}
