package org.handoff.examples.shop.catalog;

import java.math.BigDecimal;

/** A product of the shop. */
public record Product(String id, String name, BigDecimal price) {}
