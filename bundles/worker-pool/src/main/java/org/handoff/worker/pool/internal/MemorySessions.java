package org.handoff.worker.pool.internal;

import java.nio.file.Path;

import org.handoff.worker.pool.api.PoolSessions;
import org.handoff.worker.pool.internal.config.SessionSettings;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/**
 * The request to keep a pool's sessions in memory, a service for the store. Once made it stays as long as the pool, as
 * workers that began with it may still be finishing their requests. On any thread.
 */
final class MemorySessions implements PoolSessions {

    private final BundleContext context;
    private final String pool;
    private final Path socket;
    private ServiceRegistration<PoolSessions> registration;

    MemorySessions(BundleContext context, String pool, Path socket) {
        this.context = context;
        this.pool = pool;
        this.socket = socket;
    }

    synchronized void configure(SessionSettings settings) {
        if (settings.isMemory() && registration == null) {
            registration = context.registerService(PoolSessions.class, this, null);
        }
    }

    synchronized void close() {
        if (registration != null) {
            registration.unregister();
            registration = null;
        }
    }

    @Override
    public String pool() {
        return pool;
    }

    @Override
    public Path socket() {
        return socket;
    }
}
