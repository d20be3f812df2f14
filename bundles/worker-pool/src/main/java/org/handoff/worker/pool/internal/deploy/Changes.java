package org.handoff.worker.pool.internal.deploy;

import java.util.Arrays;
import java.util.function.Predicate;

import org.handoff.worker.api.Handler;
import org.osgi.framework.AllServiceListener;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleListener;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.ServiceEvent;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/** Reports each event of the framework that may change the deployed handlers or their needs. */
public final class Changes implements AllServiceListener, BundleListener, FrameworkListener {

    private final BundleContext context;
    private final Predicate<String> isOfInterest;
    private final Runnable changed;

    /**
     * @param isOfInterest whether services of that type matter, beside those of handlers themselves
     * @param changed called on any thread, often several times for one deployment; must not block
     */
    public Changes(BundleContext context, Predicate<String> isOfInterest, Runnable changed) {
        this.context = context;
        this.isOfInterest = isOfInterest;
        this.changed = changed;
    }

    public void open() {
        context.addBundleListener(this);
        context.addFrameworkListener(this);
        context.addServiceListener(this);
    }

    public void close() {
        context.removeServiceListener(this);
        context.removeFrameworkListener(this);
        context.removeBundleListener(this);
    }

    @Override
    public void serviceChanged(ServiceEvent event) {
        String[] types = (String[]) event.getServiceReference().getProperty(Constants.OBJECTCLASS);
        // The component runtime changes its own service's properties with each component that comes or goes.
        if (Arrays.stream(types)
                .anyMatch(type -> type.equals(Handler.class.getName())
                        || type.equals(ServiceComponentRuntime.class.getName())
                        || isOfInterest.test(type))) {
            changed.run();
        }
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        changed.run();
    }

    @Override
    public void frameworkEvent(FrameworkEvent event) {
        if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED
                || event.getType() == FrameworkEvent.STARTLEVEL_CHANGED) {
            changed.run();
        }
    }
}
