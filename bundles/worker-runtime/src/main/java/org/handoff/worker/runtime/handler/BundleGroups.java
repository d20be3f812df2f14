package org.handoff.worker.runtime.handler;

import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.handoff.worker.protocol.generation.BundleGroup;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.hooks.resolver.ResolverHook;
import org.osgi.framework.hooks.resolver.ResolverHookFactory;
import org.osgi.framework.hooks.service.EventHook;
import org.osgi.framework.hooks.service.FindHook;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/**
 * Keeps apart bundles that are in no group together: none gets a service or a package of the other, and both may be
 * singletons of one name. Bundles without a group, the framework's own, see all and are seen by all.
 *
 * <p>{@link EventHook} is the hook that {@link ListenerIndex} uses too: one way for each event.
 */
@SuppressWarnings("deprecation")
final class BundleGroups implements FindHook, EventHook, ResolverHookFactory, ResolverHook {

    private final Map<Bundle, BitSet> groups = new HashMap<>();

    /**
     * @param bundles those that were installed, by their numbers
     * @param groups the groups of those that see each other
     */
    BundleGroups(Map<Integer, Bundle> bundles, List<BundleGroup> groups) {
        for (int i = 0; i < groups.size(); i++) {
            for (int number : groups.get(i).bundles()) {
                Bundle bundle = bundles.get(number);
                if (bundle != null) {
                    add(bundle, i);
                }
            }
        }
    }

    /** Adds a bundle to a group. */
    void add(Bundle bundle, int group) {
        groups.computeIfAbsent(bundle, first -> new BitSet()).set(group);
    }

    private boolean areApart(Bundle one, Bundle other) {
        BitSet its = groups.get(one);
        BitSet others = groups.get(other);
        return its != null && others != null && !its.intersects(others);
    }

    @Override
    public void find(
            BundleContext context,
            String name,
            String filter,
            boolean allServices,
            Collection<ServiceReference<?>> references) {
        references.removeIf(service -> areApart(context.getBundle(), service.getBundle()));
    }

    @Override
    public void event(ServiceEvent event, Collection<BundleContext> contexts) {
        Bundle owner = event.getServiceReference().getBundle();
        contexts.removeIf(context -> areApart(context.getBundle(), owner));
    }

    @Override
    public ResolverHook begin(Collection<BundleRevision> triggers) {
        return this;
    }

    @Override
    public void filterMatches(BundleRequirement requirement, Collection<BundleCapability> candidates) {
        candidates.removeIf(candidate -> areApart(bundle(requirement.getRevision()), bundle(candidate.getRevision())));
    }

    @Override
    public void filterSingletonCollisions(BundleCapability singleton, Collection<BundleCapability> collisions) {
        collisions.removeIf(collision -> areApart(bundle(singleton.getRevision()), bundle(collision.getRevision())));
    }

    private static Bundle bundle(BundleRevision revision) {
        return revision.getBundle();
    }

    @Override
    public void filterResolvable(Collection<BundleRevision> candidates) {
        // All may resolve.
    }

    @Override
    public void end() {
        // There is one for all resolutions.
    }
}
