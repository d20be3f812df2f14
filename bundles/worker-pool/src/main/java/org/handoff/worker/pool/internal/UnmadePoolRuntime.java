package org.handoff.worker.pool.internal;

import java.util.ArrayList;
import java.util.List;

import org.handoff.worker.pool.internal.config.NativeSettings;
import org.handoff.worker.pool.internal.config.PeerSettings;
import org.handoff.worker.pool.internal.config.PoolConfig;
import org.handoff.worker.pool.internal.config.PoolKind;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.deploy.Changes;
import org.handoff.worker.pool.internal.deploy.ContextRegistrations;
import org.handoff.worker.pool.internal.deploy.Deployed;
import org.handoff.worker.pool.internal.deploy.Framework;
import org.handoff.worker.pool.internal.deploy.HandlerDeclaration;
import org.handoff.worker.pool.internal.plan.ContextLine;
import org.handoff.worker.pool.internal.plan.Place;
import org.handoff.worker.pool.internal.plan.Want;
import org.handoff.worker.pool.internal.supervision.PoolControl;
import org.handoff.worker.pool.internal.supervision.PoolWorker;
import org.handoff.worker.pool.internal.supervision.WorkerReport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool whose configuration is impossible: it has no workers, and its contexts are answered 503, with the reason in
 * monitor:contexts, until the configuration is right.
 */
public final class UnmadePoolRuntime implements PoolRuntime, PoolControl<PoolWorker> {

    private static final Logger LOG = LoggerFactory.getLogger(UnmadePoolRuntime.class);

    private final String name;
    private final String problem;
    private final ContextRegistrations contexts;
    /** Null if the pool serves no handlers. */
    private final Changes changes;

    private final Deployed<HandlerDeclaration> deployed;
    private boolean stopped;

    /**
     * @param config only the kind and the context are used, as far as they are possible
     * @param problem the fault of the configuration
     */
    UnmadePoolRuntime(Framework framework, String name, PoolConfig config, String problem) {
        this.name = name;
        this.problem = "not made: " + problem;
        this.contexts = new ContextRegistrations(framework.context(), name);
        this.deployed =
                new Deployed<>(framework, HandlerDeclaration.ALL, refusal -> LOG.debug("pool {}: {}", name, refusal));
        if (PoolKind.isForPeers(config.kind())) {
            changes = null;
            contexts.update(ContextRegistrations.ofPeers(PeerSettings.name(name, config.context()), this.problem));
        } else if (PoolKind.isForPrograms(config.kind())) {
            changes = null;
            contexts.update(ofProgram(config));
        } else {
            changes = new Changes(framework.context(), type -> false, this::handlersChanged);
            changes.open();
            handlersChanged();
        }
    }

    /** The contexts in its file, as far as they are right. */
    private List<ContextLine> ofProgram(PoolConfig config) {
        List<ContextLine> lines = new ArrayList<>();
        try {
            NativeSettings.contexts(name, config)
                    .forEach((host, of) -> of.forEach(context ->
                            lines.add(ContextLine.failed(new Place(host, context), config.command(), problem))));
        } catch (IllegalArgumentException e) {
            // The problem says so already.
            return List.of();
        }
        return lines;
    }

    private synchronized void handlersChanged() {
        if (stopped || deployed.isStopping()) {
            return;
        }
        List<ContextLine> lines = new ArrayList<>();
        for (HandlerDeclaration handler : deployed.declared()) {
            Want want = handler.want(null, handler.waiting());
            if (handler.pool().equals(name)) {
                want.places()
                        .forEach(place -> lines.add(ContextLine.failed(place, want.label(), "its pool is " + problem)));
            }
        }
        contexts.update(lines);
    }

    @Override
    public PoolControl<?> control() {
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
    public List<PoolWorker> workers() {
        return List.of();
    }

    @Override
    public List<WorkerReport> past() {
        return List.of();
    }

    @Override
    public boolean recycle(PoolWorker worker) {
        return false;
    }

    @Override
    public void close() {
        // There are no workers.
    }
}
