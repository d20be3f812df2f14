package org.handoff.worker.pool.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

import org.handoff.worker.pool.internal.config.PoolKind;
import org.handoff.worker.pool.internal.deploy.Changes;
import org.handoff.worker.pool.internal.deploy.ContextRegistrations;
import org.handoff.worker.pool.internal.deploy.Deployed;
import org.handoff.worker.pool.internal.deploy.Framework;
import org.handoff.worker.pool.internal.deploy.HandlerDeclaration;
import org.handoff.worker.pool.internal.deploy.ImmediateHandlers;
import org.handoff.worker.pool.internal.deploy.UnreportedChanges;
import org.handoff.worker.pool.internal.plan.ContextLine;
import org.handoff.worker.pool.internal.plan.Want;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks handlers of all pools: shows those that name a pool that does not exist, and answers their contexts 503, as no
 * pool does; and logs those that no pool can serve, and those that Karaf runs too.
 */
@Component(
        service = {},
        immediate = true)
public final class HandlerCheck {

    private static final Logger LOG = LoggerFactory.getLogger(HandlerCheck.class);

    /** A pool may come after its handlers, as when Karaf starts. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** A thousand bundles bring thousands of changes, and one look serves all of them. */
    private static final long SETTLE_MILLIS = 1000;

    private final BundleContext context;
    private final Deployed<HandlerDeclaration> deployed;
    private final UnreportedChanges unreported;
    private final ImmediateHandlers immediate;
    private final Changes changes;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "handoff-handler-check");
        thread.setDaemon(true);
        return thread;
    });
    /** Whether a look is due. */
    private final AtomicBoolean planned = new AtomicBoolean();
    /** The time since which each pool is missing. */
    private final Map<String, Long> missing = new HashMap<>();

    private final Map<String, ContextRegistrations> shown = new HashMap<>();

    /** Begins to look at handlers' declarations; no handler is created. */
    @Activate
    public HandlerCheck(
            BundleContext context,
            @Reference ServiceComponentRuntime components,
            @Reference ConfigurationAdmin configurations) {
        this.context = context;
        deployed =
                new Deployed<>(new Framework(context, components, configurations), HandlerDeclaration.ALL, LOG::error);
        unreported = new UnreportedChanges(deployed, timer, this::changed);
        immediate = new ImmediateHandlers(components);
        changes = new Changes(context, PoolComponent.class.getName()::equals, this::changed);
        changes.open();
        changed();
    }

    private void changed() {
        if (planned.compareAndSet(false, true)) {
            checkIn(SETTLE_MILLIS);
        }
    }

    private void checkIn(long millis) {
        try {
            timer.schedule(this::check, millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("stopped", e);
        }
    }

    private void check() {
        planned.set(false);
        if (deployed.isStopping()) {
            return;
        }
        try {
            immediate
                    .found()
                    .forEach(one -> LOG.warn(
                            "{} is immediate, so it runs in Karaf too, not only in workers: "
                                    + "annotate it with @HandoffContext, or leave immediate out",
                            one));
            Set<String> pools = pools();
            Map<String, List<HandlerDeclaration>> homeless = deployed.declared().stream()
                    .filter(one -> !pools.contains(one.pool()))
                    .collect(Collectors.groupingBy(HandlerDeclaration::pool));
            unreported.goOn();
            long now = System.nanoTime();
            missing.keySet().retainAll(homeless.keySet());
            shown.forEach((pool, contexts) -> {
                if (!homeless.containsKey(pool)) {
                    contexts.update(List.of());
                }
            });
            shown.keySet().retainAll(homeless.keySet());
            homeless.forEach((pool, handlers) -> {
                if (missing.putIfAbsent(pool, now) == null) {
                    checkIn(TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS) + 1);
                } else if (now - missing.get(pool) >= PATIENCE_NANOS) {
                    show(pool, handlers);
                }
            });
        } catch (RuntimeException e) {
            LOG.error("Cannot check whether the pools that handlers name exist", e);
        }
    }

    private void show(String pool, List<HandlerDeclaration> handlers) {
        List<ContextLine> lines = new ArrayList<>();
        for (HandlerDeclaration handler : handlers) {
            Want want = handler.want(null, "");
            want.places()
                    .forEach(place -> lines.add(ContextLine.unserved(
                            place,
                            ContextLine.State.WRONG_POOL,
                            want.label(),
                            want.describe() + " is not served: its pool is \"" + pool + "\", and there is none "
                                    + "for handlers; make one with a file etc/" + PoolComponent.PID + "-" + pool
                                    + ".cfg, or name another with @Pool")));
        }
        shown.computeIfAbsent(pool, first -> new ContextRegistrations(context, pool))
                .update(lines);
    }

    /** The names of the pools that serve handlers. */
    private Set<String> pools() {
        try {
            return context.getServiceReferences(PoolComponent.class, null).stream()
                    .filter(one -> PoolKind.isForHandlers(one.getProperty("kind")))
                    .map(one -> String.valueOf(one.getProperty(Constants.SERVICE_PID)))
                    .map(pid -> pid.substring(Math.min(pid.length(), PoolComponent.PID.length() + 1)))
                    .collect(Collectors.toSet());
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("no filter is a valid one", e);
        }
    }

    /** Stops looking. */
    @Deactivate
    void stop() {
        changes.close();
        timer.shutdownNow();
    }
}
