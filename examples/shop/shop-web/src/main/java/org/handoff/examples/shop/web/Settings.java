package org.handoff.examples.shop.web;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** The configuration of the shop, {@code etc/org.handoff.examples.shop.cfg}. */
@ObjectClassDefinition(name = "Shop")
@interface Settings {

    /** Its PID. */
    String PID = "org.handoff.examples.shop";

    @AttributeDefinition(description = "The first line of the list of products")
    String greeting() default "Welcome to the shop";

    @AttributeDefinition(description = "What stands after each price")
    String currency() default "EUR";
}
