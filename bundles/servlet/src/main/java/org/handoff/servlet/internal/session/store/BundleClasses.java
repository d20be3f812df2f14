package org.handoff.servlet.internal.session.store;

import java.util.Arrays;
import java.util.Comparator;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/**
 * The classes of a worker's bundles, by the symbolic name of the bundle: so the bundle's next version has the sessions
 * of the former one.
 */
public final class BundleClasses implements ClassSource {

    private final BundleContext context;

    public BundleClasses(BundleContext context) {
        this.context = context;
    }

    @Override
    public String ownerOf(Class<?> type) {
        Bundle bundle = FrameworkUtil.getBundle(type);
        return bundle == null ? "" : bundle.getSymbolicName();
    }

    @Override
    public Class<?> load(String owner, String name) throws ClassNotFoundException {
        if (owner.isEmpty()) {
            return Class.forName(name, false, ClassLoader.getPlatformClassLoader());
        }
        return Arrays.stream(context.getBundles())
                .filter(bundle -> owner.equals(bundle.getSymbolicName()))
                .max(Comparator.comparing(Bundle::getVersion))
                .orElseThrow(() -> new ClassNotFoundException(name + ": the worker has no bundle " + owner))
                .loadClass(name);
    }
}
