package org.handoff.worker.pool.internal;

import java.util.ArrayList;
import java.util.List;

import org.osgi.framework.BundleContext;

/**
 * A pool that cannot be made from its configuration: it has no workers, and its contexts are answered 503, with the
 * reason beside them, until the configuration is right.
 */
final class UnmadeParts implements PoolParts, Staff<Member> {

    private final String name;
    private final String problem;
    private final Contexts contexts;
    /** Null where the pool is none for handlers. */
    private final HandlerWatcher watcher;

    /**
     * @param config only the kind and the context count, as far as they are possible
     * @param problem why it cannot be made
     */
    UnmadeParts(BundleContext context, String name, PoolConfig config, String problem) {
        this.name = name;
        this.problem = "not made: " + problem;
        this.contexts = new Contexts(context, name);
        if (PoolKind.isForPeers(config.kind())) {
            watcher = null;
            contexts.update(Contexts.ofPeers(PeerSettings.name(name, config.context()), this.problem));
        } else {
            watcher = new HandlerWatcher(context, name, this::handlersChanged, this::handlersChanged);
            watcher.open();
        }
    }

    private synchronized void handlersChanged() {
        List<Contexts.Wanted> wanted = new ArrayList<>();
        for (HandlerDeclaration handler : watcher.declarations()) {
            handler.contexts().forEach(context -> wanted.add(
                    new Contexts.Wanted(context, handler.host(), handler.describe(), false, "its pool is " + problem)));
        }
        contexts.update(wanted);
    }

    @Override
    public Staff<?> staff() {
        return this;
    }

    @Override
    public void stop() {
        if (watcher != null) {
            watcher.close();
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
