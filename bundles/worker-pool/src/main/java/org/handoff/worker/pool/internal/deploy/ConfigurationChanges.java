package org.handoff.worker.pool.internal.deploy;

import java.util.function.Predicate;

import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;

/** Reports each change of a configuration that workers have, or would have. */
public final class ConfigurationChanges implements ConfigurationListener {

    private final BundleContext context;
    private final Predicate<ConfigurationEvent> isOfInterest;
    private final Runnable changed;
    private ServiceRegistration<ConfigurationListener> registration;

    /** @param changed called on any thread; must not block */
    public ConfigurationChanges(BundleContext context, Predicate<ConfigurationEvent> isOfInterest, Runnable changed) {
        this.context = context;
        this.isOfInterest = isOfInterest;
        this.changed = changed;
    }

    public void open() {
        registration = context.registerService(ConfigurationListener.class, this, null);
    }

    public void close() {
        if (registration != null) {
            registration.unregister();
        }
    }

    @Override
    public void configurationEvent(ConfigurationEvent event) {
        if (isOfInterest.test(event)) {
            changed.run();
        }
    }
}
