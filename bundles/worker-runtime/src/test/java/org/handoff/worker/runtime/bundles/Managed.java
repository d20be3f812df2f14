package org.handoff.worker.runtime.bundles;

import java.util.Dictionary;
import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.handoff.worker.api.Handler;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ManagedService;

/** Registers a handler when its configuration has come, and answers by it. */
public class Managed implements BundleActivator, ManagedService {

    public static final String PID = "org.example.managed";

    /** Longer than the start of the bundles beside it. */
    private static final long UPDATE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private BundleContext context;

    @Override
    public void start(BundleContext own) {
        context = own;
        own.registerService(ManagedService.class, this, new Hashtable<>(Map.of("service.pid", PID)));
    }

    @Override
    public void stop(BundleContext own) {
        // The framework takes the services back.
    }

    @Override
    public void updated(Dictionary<String, ?> properties) {
        LockSupport.parkNanos(UPDATE_NANOS);
        if (properties != null) {
            context.registerService(
                    Handler.class,
                    (request, response) -> response.send(PID + " " + properties.get("words")),
                    new Hashtable<>(Map.of("handoff.context", "/managed")));
        }
    }
}
