package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.handoff.worker.pool.api.PeerAgent;
import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.deploy.ContextRegistrations;
import org.handoff.worker.pool.internal.deploy.Framework;
import org.handoff.worker.pool.internal.launch.BundledJar;
import org.handoff.worker.pool.internal.peer.PeerPool;
import org.handoff.worker.pool.internal.supervision.PoolControl;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/** A pool of LRWP peers, which works while there is an agent. */
public final class PeerPoolRuntime implements PoolRuntime {

    private final MonitorLoop loop;
    private final ExecutorService executor;
    private final PeerPool pool;
    /** Used while there is no agent, which registers the contexts otherwise. */
    private final ContextRegistrations contexts;

    private final ServiceTracker<PeerAgent, PeerAgent> agents;
    private String application;
    private boolean stopped;

    /** @throws IOException if the bundle's data folder cannot be written */
    PeerPoolRuntime(Framework framework, MonitorLoop loop, PoolSettings settings) throws IOException {
        this.loop = loop;
        Path wrapper = BundledJar.unpack(
                framework.context().getBundle(), "lrwp-cgi", framework.folder().resolve("runtime"));
        executor = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "handoff-pool-" + settings.name());
            thread.setDaemon(true);
            return thread;
        });
        pool = loop.call(() -> new PeerPool(settings, loop.loop(), executor, wrapper));
        contexts = new ContextRegistrations(framework.context(), settings.name());
        application = settings.peers().name();
        agents = new ServiceTracker<>(framework.context(), PeerAgent.class, null) {
            @Override
            public PeerAgent addingService(ServiceReference<PeerAgent> reference) {
                PeerAgent agent = super.addingService(reference);
                tell(agent);
                return agent;
            }

            @Override
            public void removedService(ServiceReference<PeerAgent> reference, PeerAgent agent) {
                tell(null);
                super.removedService(reference, agent);
            }
        };
        agents.open();
        unavailable(agents.getService() == null);
    }

    private void tell(PeerAgent agent) {
        // Before the pool asks the agent to serve them.
        unavailable(agent == null);
        loop.call(() -> {
            pool.agent(agent);
            return null;
        });
    }

    private synchronized void unavailable(boolean are) {
        contexts.update(are && !stopped ? ContextRegistrations.ofPeers(application, PeerPool.NO_AGENT) : List.of());
    }

    @Override
    public PoolControl<?> control() {
        return pool;
    }

    @Override
    public void configure(PoolSettings changed) {
        loop.call(() -> {
            pool.configure(changed.policy());
            pool.configure(changed.peers());
            return null;
        });
        synchronized (this) {
            application = changed.peers().name();
        }
        unavailable(agents.getService() == null);
    }

    @Override
    public void stop() {
        loop.call(() -> {
            pool.close();
            return null;
        });
        synchronized (this) {
            stopped = true;
        }
        agents.close();
        unavailable(false);
        executor.shutdown();
    }
}
