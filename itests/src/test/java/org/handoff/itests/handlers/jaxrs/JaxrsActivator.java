package org.handoff.itests.handlers.jaxrs;

import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.ws.rs.GET;
import javax.ws.rs.Path;
import javax.ws.rs.core.Application;

import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;

/** Registers applications, and on a thread of its own a resource that takes long to make. */
public class JaxrsActivator implements BundleActivator {

    private Thread late;

    @Override
    public void start(BundleContext context) {
        context.registerService(
                Application.class,
                new Application(),
                new Hashtable<>(Map.of("osgi.jaxrs.name", "slow", "osgi.jaxrs.application.base", "/slow")));
        // One that the other hides, as its base is the same.
        context.registerService(
                Application.class,
                new Application(),
                new Hashtable<>(Map.of(
                        "osgi.jaxrs.name", "hidden", "osgi.jaxrs.application.base", "/slow", "service.ranking", -1)));
        late = new Thread(() -> context.registerService(
                Resource.class.getName(),
                new SlowFactory(),
                new Hashtable<>(Map.of(
                        "osgi.jaxrs.resource", "true", "osgi.jaxrs.application.select", "(osgi.jaxrs.name=slow)"))));
        late.start();
    }

    @Override
    public void stop(BundleContext context) throws InterruptedException {
        late.join();
    }

    /** Says that it is there. */
    @Path("resource")
    public static class Resource {

        @GET
        public String answer() {
            return "made slowly";
        }
    }

    private static final class SlowFactory implements ServiceFactory<Resource> {

        private static final long LONG = TimeUnit.SECONDS.toNanos(3);

        @Override
        public Resource getService(Bundle bundle, ServiceRegistration<Resource> registration) {
            long begun = System.nanoTime();
            while (System.nanoTime() - begun < LONG) {
                LockSupport.parkNanos(LONG);
            }
            return new Resource();
        }

        @Override
        public void ungetService(Bundle bundle, ServiceRegistration<Resource> registration, Resource service) {
            // It has nothing.
        }
    }
}
