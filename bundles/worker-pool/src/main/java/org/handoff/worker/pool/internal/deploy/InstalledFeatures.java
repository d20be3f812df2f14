package org.handoff.worker.pool.internal.deploy;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/** What Karaf's features bring along. Used only where a pool names some: other frameworks have no features. */
final class InstalledFeatures {

    private InstalledFeatures() {}

    /**
     * The locations of the bundles of features and of all features that they depend on.
     *
     * @param missing gets those that are not installed
     */
    static Set<String> locations(BundleContext context, List<String> names, Collection<String> missing) {
        ServiceReference<FeaturesService> reference = context.getServiceReference(FeaturesService.class);
        FeaturesService service = reference == null ? null : context.getService(reference);
        if (service == null) {
            missing.add("the features service");
            return Set.of();
        }
        try {
            return locations(service, names, missing);
        } catch (Exception e) {
            // The service declares no other.
            throw new IllegalStateException("the features service does not know its features", e);
        } finally {
            context.ungetService(reference);
        }
    }

    private static Set<String> locations(FeaturesService service, List<String> names, Collection<String> missing)
            throws Exception {
        Set<String> locations = new LinkedHashSet<>();
        Set<Feature> seen = new HashSet<>();
        Queue<Feature> open = new ArrayDeque<>();
        for (String name : names) {
            Feature feature = service.getFeature(name);
            if (feature == null || !service.isInstalled(feature)) {
                missing.add("the installed feature " + name);
            } else {
                open.add(feature);
            }
        }
        while (!open.isEmpty()) {
            Feature next = open.remove();
            if (seen.add(next)) {
                next.getBundles().stream()
                        .filter(bundle -> !bundle.isDependency())
                        .forEach(bundle -> locations.add(bundle.getLocation()));
                for (var dependency : next.getDependencies()) {
                    Feature feature = service.getFeature(dependency.getName(), dependency.getVersion());
                    if (feature != null && service.isInstalled(feature)) {
                        open.add(feature);
                    }
                }
            }
        }
        return locations;
    }
}
