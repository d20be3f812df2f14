package org.handoff.worker.pool.internal;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.api.Handler;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.util.tracker.ServiceTracker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log, once for each, which handlers name a pool that there is not: nobody else would miss them. */
@Component(service = {}, immediate = true)
public final class PoolCheck {

    private static final Logger LOG = LoggerFactory.getLogger(PoolCheck.class);

    /** A pool may come after its handlers, as when Karaf starts. */
    private static final int PATIENCE_SECONDS = 10;

    private final BundleContext context;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "handoff-pool-check");
        thread.setDaemon(true);
        return thread;
    });
    private final ServiceTracker<Handler, ServiceReference<Handler>> tracker;

    /** Begins to look at handlers' declarations; no handler is created. */
    @Activate
    public PoolCheck(BundleContext context) {
        this.context = context;
        tracker = new ServiceTracker<>(context, Handler.class, null) {
            @Override
            public ServiceReference<Handler> addingService(ServiceReference<Handler> reference) {
                timer.schedule(() -> check(reference), PATIENCE_SECONDS, TimeUnit.SECONDS);
                return reference;
            }

            @Override
            public void removedService(ServiceReference<Handler> reference, ServiceReference<Handler> same) {
                // Nothing was got.
            }
        };
        tracker.open(true);
    }

    private void check(ServiceReference<Handler> reference) {
        String pool = HandlerDeclaration.pool(reference);
        boolean gone = reference.getBundle() == null;
        if (!gone && !exists(pool)) {
            LOG.warn("The handler {} of bundle {} is not served: its pool is \"{}\", and there is none for handlers; "
                    + "make one with a file etc/{}-{}.cfg, or name another with @Pool",
                    reference.getProperty("component.name"), reference.getBundle(), pool, PoolComponent.PID, pool);
        }
    }

    private boolean exists(String pool) {
        try {
            return context.getServiceReferences(PoolComponent.class, null).stream()
                    .filter(one -> PoolKind.isForHandlers(one.getProperty("kind")))
                    .map(one -> String.valueOf(one.getProperty(Constants.SERVICE_PID)))
                    .anyMatch(pid -> pid.equals(PoolComponent.PID + "~" + pool));
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("no filter is a valid one", e);
        }
    }

    /** Stops looking. */
    @Deactivate
    void stop() {
        tracker.close();
        timer.shutdownNow();
    }
}
