package org.handoff.worker.pool.internal;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.handoff.worker.api.Handler;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which handlers a pool has to serve. Looks at the services' declarations and never asks for a service, so that no
 * handler is ever created in Karaf.
 */
final class HandlerWatcher implements ServiceTrackerCustomizer<Handler, HandlerDeclaration> {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerWatcher.class);

    private final String pool;
    private final Runnable came;
    private final Runnable gone;
    private final Map<ServiceReference<Handler>, HandlerDeclaration> declarations = new ConcurrentHashMap<>();
    private final ServiceTracker<Handler, HandlerDeclaration> tracker;

    /**
     * @param came called on any thread after a handler has come
     * @param gone called on any thread after a handler has gone
     */
    HandlerWatcher(BundleContext context, String pool, Runnable came, Runnable gone) {
        this.pool = pool;
        this.came = came;
        this.gone = gone;
        this.tracker = new ServiceTracker<>(context, Handler.class, this);
    }

    void open() {
        tracker.open(true);
    }

    void close() {
        tracker.close();
    }

    /** The handlers of this pool, the oldest first. */
    List<HandlerDeclaration> declarations() {
        return declarations.values().stream().sorted(Comparator.comparingLong(HandlerDeclaration::service)).toList();
    }

    @Override
    public HandlerDeclaration addingService(ServiceReference<Handler> reference) {
        if (!HandlerDeclaration.pool(reference).equals(pool)) {
            return null;
        }
        try {
            HandlerDeclaration declaration = HandlerDeclaration.of(reference);
            declarations.put(reference, declaration);
            came.run();
            return declaration;
        } catch (IllegalArgumentException e) {
            LOG.error("The handler {} of bundle {} is not served: {}", reference, reference.getBundle(),
                    e.getMessage());
            return null;
        }
    }

    @Override
    public void modifiedService(ServiceReference<Handler> reference, HandlerDeclaration before) {
        removedService(reference, before);
        addingService(reference);
    }

    @Override
    public void removedService(ServiceReference<Handler> reference, HandlerDeclaration declaration) {
        declarations.remove(reference);
        gone.run();
    }
}
