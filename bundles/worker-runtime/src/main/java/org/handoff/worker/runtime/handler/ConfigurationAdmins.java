package org.handoff.worker.runtime.handler;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import org.apache.felix.cm.PersistenceManager;
import org.apache.felix.cm.impl.Activator;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.resource.Namespace;
import org.osgi.service.cm.ManagedService;

/**
 * Configuration Admin for the bundles of a worker: one for all, or one for each group that has configurations. Each is a
 * bundle of its own, so that {@link BundleGroups} keeps it apart. Workers without configurations, and without bundles that may ask for them, have none.
 */
final class ConfigurationAdmins implements ServiceFactory<PersistenceManager> {

    /** The framework's property by which Felix finds the store of configurations. */
    static final String STORE_PROPERTY = "felix.cm.pm";

    static final String STORE = "handoff";

    /** What bundles may require that use Configuration Admin. */
    static final String CAPABILITY = "osgi.implementation;osgi.implementation=\"osgi.cm\";version:Version=\"1.6\";"
            + "uses:=\"org.osgi.service.cm\"";

    private static final String API = ManagedService.class.getPackageName();

    private final Bundle framework;
    private final RuntimeBundles connector;
    private final Map<Bundle, ReadOnlyConfigurations> stores = new HashMap<>();

    /** @param framework the system bundle */
    ConfigurationAdmins(Bundle framework, RuntimeBundles connector) {
        this.framework = framework;
        this.connector = connector;
    }

    /**
     * Installs one.
     *
     * @param files its configurations
     * @throws IOException if one cannot be read
     */
    Bundle install(Collection<Path> files) throws IOException, BundleException {
        BundleContext context = framework.getBundleContext();
        if (stores.isEmpty()) {
            context.registerService(
                    PersistenceManager.class,
                    this,
                    FrameworkUtil.asDictionary(Map.of(PersistenceManager.PROPERTY_NAME, STORE)));
        }
        String location = "handoff:configuration-admin-" + (stores.size() + 1);
        Bundle bundle = connector.install(
                context,
                location,
                Map.of(
                        Constants.BUNDLE_MANIFESTVERSION, "2",
                        Constants.BUNDLE_SYMBOLICNAME, "org.handoff.worker.configuration-admin",
                        Constants.BUNDLE_ACTIVATOR, Activator.class.getName()));
        stores.put(bundle, new ReadOnlyConfigurations(files));
        return bundle;
    }

    void start() throws BundleException {
        for (Bundle bundle : stores.keySet()) {
            bundle.start();
        }
    }

    /** Whether a bundle may ask for configurations. */
    static boolean mayAsk(Bundle bundle) {
        return bundle.adapt(BundleRevision.class).getDeclaredRequirements(PackageNamespace.PACKAGE_NAMESPACE).stream()
                .map(requirement -> requirement.getDirectives().get(Namespace.REQUIREMENT_FILTER_DIRECTIVE))
                .anyMatch(filter -> filter.contains(API));
    }

    /**
     * Waits until every managed service that is registered now has its configuration: so nothing is served by the
     * defaults that it begins with. Felix updates managed services one after the other, on one thread.
     */
    void awaitUpdates() {
        if (stores.isEmpty()) {
            return;
        }
        CountDownLatch updates = new CountDownLatch(stores.size());
        ServiceRegistration<ManagedService> last = framework
                .getBundleContext()
                .registerService(
                        ManagedService.class,
                        properties -> updates.countDown(),
                        FrameworkUtil.asDictionary(Map.of(Constants.SERVICE_PID, "org.handoff.worker.last")));
        try {
            // The pool ends a worker that is not ready in time.
            updates.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            last.unregister();
        }
    }

    @Override
    public PersistenceManager getService(Bundle bundle, ServiceRegistration<PersistenceManager> registration) {
        return stores.get(bundle);
    }

    @Override
    public void ungetService(
            Bundle bundle, ServiceRegistration<PersistenceManager> registration, PersistenceManager service) {
        // It is there as long as the bundle.
    }
}
