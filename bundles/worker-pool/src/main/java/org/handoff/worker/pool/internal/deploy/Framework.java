package org.handoff.worker.pool.internal.deploy;

import java.nio.file.Path;

import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/**
 * Karaf as pools see it.
 *
 * @param context of the pools' own bundle
 * @param components describes the components of all bundles
 * @param configurations those of components and pools
 */
public record Framework(BundleContext context, ServiceComponentRuntime components, ConfigurationAdmin configurations) {

    /** The folder for files of the pools. */
    public Path folder() {
        return context.getDataFile("").toPath();
    }

    /** The folder for files of one pool. */
    public Path folderOf(String pool) {
        return folder().resolve("pool-" + pool);
    }
}
