package org.handoff.worker.pool.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/**
 * A pool that cannot be made from its configuration: it has no workers, and its contexts are answered 503, with the
 * reason beside them, until the configuration is right.
 */
final class UnmadeParts implements PoolParts, Staff<Member> {

    private final String name;
    private final String problem;
    private final Contexts contexts;
    /** Null where the pool is none for handlers. */
    private final Changes changes;

    private final Deployed deployed;
    private boolean stopped;

    /**
     * @param config only the kind and the context count, as far as they are possible
     * @param problem why it cannot be made
     */
    UnmadeParts(
            BundleContext context, ServiceComponentRuntime components, String name, PoolConfig config, String problem) {
        this.name = name;
        this.problem = "not made: " + problem;
        this.contexts = new Contexts(context, name);
        this.deployed = new Deployed(context, components);
        if (PoolKind.isForPeers(config.kind())) {
            changes = null;
            contexts.update(Contexts.ofPeers(PeerSettings.name(name, config.context()), this.problem));
        } else {
            changes = new Changes(context, type -> false, this::handlersChanged);
            changes.open();
            handlersChanged();
        }
    }

    private synchronized void handlersChanged() {
        if (stopped || deployed.isStopping()) {
            return;
        }
        List<ContextLine> lines = new ArrayList<>();
        for (HandlerDeclaration handler : deployed.handlers()) {
            Want want = handler.want(null, handler.waiting());
            if (handler.pool().equals(name)) {
                want.places()
                        .forEach(place -> lines.add(new ContextLine(
                                place,
                                ContextLine.State.FAILED,
                                false,
                                "",
                                want.label(),
                                "its pool is " + problem,
                                OptionalLong.empty())));
            }
        }
        contexts.update(lines);
    }

    @Override
    public Staff<?> staff() {
        return this;
    }

    @Override
    public synchronized void stop() {
        stopped = true;
        if (changes != null) {
            changes.close();
        }
        contexts.update(List.of());
    }

    @Override
    public void configure(PoolSettings changed) {
        throw new IllegalStateException("pool " + name + " is not made, and has nothing to configure");
    }

    // ---- no workers

    @Override
    public void configure(PoolPolicy changed) {
        throw new IllegalStateException("pool " + name + " is not made, and has nothing to configure");
    }

    @Override
    public int size() {
        return 0;
    }

    @Override
    public int waiting() {
        return 0;
    }

    @Override
    public String problem() {
        return problem;
    }

    @Override
    public List<Member> workers() {
        return List.of();
    }

    @Override
    public List<WorkerReport> past() {
        return List.of();
    }

    @Override
    public boolean recycle(Member worker) {
        return false;
    }

    @Override
    public void close() {
        // Nobody is there.
    }
}
