package org.handoff.worker.runtime.handler;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;

/**
 * The order in which bundles start: each after the bundles to which it is wired. An extender that weaves classes, as SPI
 * Fly does, has to be active before the first class of the bundle that requires it is loaded.
 */
final class StartOrder {

    /** The numbers of bundles without a place so far. */
    private final Map<Bundle, Integer> numbers = new HashMap<>();

    private final Map<Integer, Bundle> ordered = new LinkedHashMap<>();

    private StartOrder() {}

    /** The same bundles in this order; resolved ones, by their numbers. */
    static Map<Integer, Bundle> of(Map<Integer, Bundle> bundles) {
        StartOrder order = new StartOrder();
        bundles.forEach((number, bundle) -> order.numbers.put(bundle, number));
        bundles.values().forEach(order::add);
        return order.ordered;
    }

    private void add(Bundle bundle) {
        Integer number = numbers.remove(bundle);
        if (number == null) {
            // It has its place, or will have it in this cycle of wires; or it is the framework's own.
            return;
        }
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        if (wiring != null) {
            for (BundleWire wire : wiring.getRequiredWires(null)) {
                add(wire.getProvider().getBundle());
            }
        }
        ordered.put(number, bundle);
    }
}
