package org.handoff.servlet.internal.whiteboard;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;

/** The Whiteboard's services that Karaf has of an application, and that its workers have to have too. */
public final class ExpectedServices {

    /** How long those may take to come that no component provides. */
    private static final int LATE_SECONDS = 10;

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

    public ExpectedServices(BundleContext context, List<Expected> all) {
        this.context = context;
        this.all = List.copyOf(all);
    }

    /** Waits until all are there that may come late. @return the first that is missing; null for none */
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
                while (missing != null && missing.component().isEmpty()) {
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        return missing;
                    }
                    TimeUnit.NANOSECONDS.timedWait(change, left);
                    missing = missing();
                }
                return missing;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return missing();
        } finally {
            context.removeServiceListener(listener);
        }
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
                .orElse(null);
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
