package org.handoff.servlet.internal.whiteboard;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Whiteboard's services that Karaf has of an application, and that its workers have to have too. */
public final class ExpectedServices {

    private static final Logger LOG = LoggerFactory.getLogger(ExpectedServices.class);

    /** How long those may take to come that no component provides. */
    private static final int LATE_SECONDS = 10;

    private static final int LOOK_MILLIS = 50;

    /**
     * One of them.
     *
     * @param bundle the symbolic name of the bundle that registers it
     * @param component the name of its component; empty for a service registered by code
     * @param filter matches it
     */
    public record Expected(String bundle, String component, String filter) {

        private ServiceReference<?> in(BundleContext context) {
            try {
                ServiceReference<?>[] found = context.getAllServiceReferences(null, filter);
                return found == null
                        ? null
                        : Arrays.stream(found)
                                .filter(one -> one.getBundle() != null
                                        && bundle.equals(one.getBundle().getSymbolicName()))
                                .findFirst()
                                .orElse(null);
            } catch (InvalidSyntaxException e) {
                throw new IllegalArgumentException("the pool wrote no filter: " + filter, e);
            }
        }

        @Override
        public String toString() {
            return component.isEmpty()
                    ? "a service of the bundle " + bundle + " with " + filter
                    : "the component " + component + " of the bundle " + bundle;
        }
    }

    private final BundleContext context;
    private final List<Expected> all;
    private final JaxrsServices jaxrs;

    public ExpectedServices(BundleContext context, List<Expected> all) {
        this.context = context;
        this.all = List.copyOf(all);
        jaxrs = new JaxrsServices(context);
    }

    /**
     * Waits until all are there that may come late, and the JAX-RS Whiteboard has taken those for it, which only
     * {@code start.timeout} of the pool ends.
     *
     * @return the first that is missing; null for none
     */
    public Expected awaitMissing() {
        Object change = new Object();
        ServiceListener listener = event -> {
            synchronized (change) {
                change.notifyAll();
            }
        };
        context.addServiceListener(listener);
        try {
            synchronized (change) {
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LATE_SECONDS);
                Expected missing = missing();
                while (missing != null) {
                    long left = deadline - System.nanoTime();
                    if (left <= 0 || !missing.component().isEmpty()) {
                        return missing;
                    }
                    TimeUnit.NANOSECONDS.timedWait(change, left);
                    missing = missing();
                }
            }
            awaitJaxrs(change);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return missing();
        } finally {
            context.removeServiceListener(listener);
        }
    }

    private void awaitJaxrs(Object change) throws InterruptedException {
        long said = System.nanoTime();
        for (String awaited = awaited(); awaited != null; awaited = awaited()) {
            // Not every change is an event of a service.
            synchronized (change) {
                change.wait(LOOK_MILLIS);
            }
            if (System.nanoTime() - said > TimeUnit.SECONDS.toNanos(LATE_SECONDS)) {
                LOG.warn("The worker is not ready: {}", awaited);
                said = System.nanoTime();
            }
        }
    }

    private String awaited() {
        return reason(jaxrs.look()::awaited);
    }

    /** What that says of the first service for the JAX-RS Whiteboard of which it says something. */
    private String reason(Function<ServiceReference<?>, String> asked) {
        for (Expected one : all) {
            ServiceReference<?> service = one.in(context);
            String reason = service == null ? null : asked.apply(service);
            if (reason != null) {
                return one + " is not served: " + reason;
            }
        }
        return null;
    }

    private Expected missing() {
        return all.stream().filter(one -> one.in(context) == null).findFirst().orElse(null);
    }

    /** Why one that is there is not used; null if all are. */
    public String failure() {
        Map<Long, String> failed = FailedServices.of(context);
        return all.stream()
                .filter(one -> one.in(context) != null)
                .filter(one -> failed.containsKey(FailedServices.id(one.in(context))))
                .map(one -> one + " is not served: " + failed.get(FailedServices.id(one.in(context))))
                .findFirst()
                .orElseGet(() -> reason(jaxrs.look()::failure));
    }

    /** The number of a bundle by its name; -1 for none. */
    public long bundleId(String name) {
        return Arrays.stream(context.getBundles())
                .filter(one -> name.equals(one.getSymbolicName()))
                .mapToLong(Bundle::getBundleId)
                .findFirst()
                .orElse(-1);
    }
}
