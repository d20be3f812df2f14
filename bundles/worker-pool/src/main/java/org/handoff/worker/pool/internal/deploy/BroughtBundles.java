package org.handoff.worker.pool.internal.deploy;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.config.Brought;
import org.handoff.worker.pool.internal.launch.RuntimeJar;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleRevision;

/**
 * The bundles that a pool's configuration names, as Karaf has them now.
 *
 * @param bundles without those in whose place workers have their own
 * @param missing what there is none of; empty for nothing
 */
record BroughtBundles(List<Bundle> bundles, String missing) {

    static BroughtBundles now(BundleContext context, Brought brought, RuntimeJar runtime) {
        Set<Bundle> bundles = new LinkedHashSet<>();
        Set<String> missing = new TreeSet<>();
        for (String name : brought.bundles()) {
            List<Bundle> named = Stream.of(context.getBundles())
                    .filter(bundle -> name.equals(bundle.getSymbolicName()))
                    .toList();
            bundles.addAll(named);
            if (named.isEmpty()) {
                missing.add("the bundle " + name);
            }
        }
        if (!brought.features().isEmpty()) {
            for (String location : InstalledFeatures.locations(context, brought.features(), missing)) {
                Bundle bundle = context.getBundle(location);
                if (bundle == null) {
                    missing.add("the bundle " + location);
                } else {
                    bundles.add(bundle);
                }
            }
        }
        bundles.removeIf(bundle -> isReplaced(bundle, runtime));
        return new BroughtBundles(new ArrayList<>(bundles), String.join(", ", missing));
    }

    /** Whether workers have what it provides: features bring the component runtime and the log along. */
    private static boolean isReplaced(Bundle bundle, RuntimeJar runtime) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision != null
                && revision.getDeclaredCapabilities(null).stream().anyMatch(runtime::provides);
    }
}
