package org.handoff.worker.runtime.handler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.handoff.worker.api.Handler;
import org.handoff.worker.protocol.generation.HandlerEntry;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentConstants;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;

/**
 * Finds the services of all handlers at once: looked up one by one, a thousand handlers would be a million comparisons
 * in the framework, at the start and with each new service.
 */
final class HandlerServices implements ServiceTrackerCustomizer<Handler, List<HandlerService>> {

    /**
     * Written out, as the JVM makes a record's own methods at their first use, which takes a worker's start some
     * milliseconds.
     *
     * @param component null for plain services, of which a bundle may have several
     */
    private record Key(Bundle bundle, Object component) {

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.bundle.equals(bundle) && Objects.equals(key.component, component);
        }

        @Override
        public int hashCode() {
            return bundle.hashCode() ^ Objects.hashCode(component);
        }
    }

    /** How long all services together may take to come after the start of their bundles. */
    static final int LATE_SECONDS = 10;

    private final BundleContext context;
    private final Map<Key, List<HandlerService>> handlers = new HashMap<>();

    /** @param context the system bundle's */
    HandlerServices(BundleContext context) {
        this.context = context;
    }

    /** Adds a handler whose service is to be found. To be called before {@link #open}. @param bundle its registrar */
    HandlerService add(HandlerEntry entry, Bundle bundle) {
        HandlerService handler = new HandlerService(entry);
        handlers.computeIfAbsent(new Key(bundle, entry.component()), key -> new ArrayList<>())
                .add(handler);
        return handler;
    }

    /**
     * Looks for the services, and gets them: so faults in their creation show now, and the first request finds them
     * ready.
     */
    void open() {
        new ServiceTracker<>(context, Handler.class, this).open();
    }

    /**
     * Waits for the services that come after the start of their bundles.
     *
     * @param late whether a bundle's services may still come
     */
    synchronized void await(Predicate<Bundle> late) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LATE_SECONDS);
        long left = deadline - System.nanoTime();
        try {
            while (left > 0 && isAnyToCome(late)) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
                left = deadline - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isAnyToCome(Predicate<Bundle> late) {
        return handlers.entrySet().stream()
                .anyMatch(one -> !one.getValue().stream().allMatch(HandlerService::isServing)
                        && (one.getKey().component() == null
                                ? late.test(one.getKey().bundle())
                                // A component may refer to a service of any bundle.
                                : Stream.of(context.getBundles()).anyMatch(late)));
    }

    /** Looks again whether to wait. */
    synchronized void changed() {
        notifyAll();
    }

    @Override
    public List<HandlerService> addingService(ServiceReference<Handler> reference) {
        Key key = new Key(reference.getBundle(), reference.getProperty(ComponentConstants.COMPONENT_NAME));
        List<HandlerService> found = handlers.getOrDefault(key, List.of()).stream()
                .filter(handler -> handler.isFor(reference))
                .toList();
        Handler service = found.isEmpty() ? null : context.getService(reference);
        if (service == null) {
            return null;
        }
        found.forEach(handler -> handler.add(reference, service));
        changed();
        return found;
    }

    @Override
    public void modifiedService(ServiceReference<Handler> reference, List<HandlerService> its) {
        // The generation file defines contexts and handlers; properties that change in a worker have no effect.
    }

    @Override
    public void removedService(ServiceReference<Handler> reference, List<HandlerService> its) {
        its.forEach(handler -> handler.remove(reference));
        context.ungetService(reference);
    }
}
