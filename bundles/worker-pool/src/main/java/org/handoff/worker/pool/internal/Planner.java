package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.osgi.framework.Bundle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes generations of what Karaf has: whenever a pool's handlers or its configuration change, it works out which
 * bundles the workers need, and has the pool roll to them. Code that does not start never replaces code that does: the
 * generation is then made again, with the former code in its place.
 *
 * <p>Plans are made on an executor; answers to the pool are given on the event loop, from what the last plan left.
 */
final class Planner implements WorkerPool.Roller {

    private static final Logger LOG = LoggerFactory.getLogger(Planner.class);

    /** Deployments come in many small steps (stop, update, refresh, start): the plan is made once they have settled. */
    private static final long SETTLE_MILLIS = 300;

    /** A handler that goes mostly comes back at once, with new code: until then the former code serves. */
    private static final long GONE_SETTLE_MILLIS = 1500;

    private final HandlerSource source;
    private final BundleClosure closure;
    private final BundleStore store;
    private final ScheduledExecutorService executor;
    private final Contexts contexts;
    /** Tells the pool, on its loop; null for: there is nothing to serve. */
    private final Consumer<Generation> roll;

    private final Object scheduling = new Object();
    private ScheduledFuture<?> planned;
    private PoolSettings settings;
    private long lastNumber;
    private Generation latest;
    /** The generation that serves, with what of it does not work; null before the first. */
    private volatile Accepted accepted;
    private List<Contexts.Wanted> losers = List.of();
    /** What the last plan has handlers for. */
    private List<Contexts.Key> presentKeys = List.of();
    /** Why a plan's code was refused, as long as the plan is the same. */
    private final Map<HandlerPlan, String> refused = new HashMap<>();

    private record Accepted(Generation generation, Map<HandlerPlan, String> failures) {
    }

    /** Where the handlers come from. */
    @FunctionalInterface
    interface HandlerSource {

        /** The pool's handlers now, the oldest first. */
        List<HandlerDeclaration> declarations();
    }

    Planner(HandlerSource source, BundleClosure closure, BundleStore store, ScheduledExecutorService executor,
            Contexts contexts, Consumer<Generation> roll) {
        this.source = source;
        this.closure = closure;
        this.store = store;
        this.executor = executor;
        this.contexts = contexts;
        this.roll = roll;
    }

    /** Takes a new configuration. */
    synchronized void configure(PoolSettings changed) {
        settings = changed;
        changed();
    }

    /** Something has changed: makes a plan once no more changes come. On any thread, and without waiting for a plan. */
    void changed() {
        planIn(SETTLE_MILLIS);
    }

    /** The same, after a handler has gone. */
    void gone() {
        planIn(GONE_SETTLE_MILLIS);
    }

    private void planIn(long millis) {
        synchronized (scheduling) {
            if (planned != null) {
                planned.cancel(false);
            }
            try {
                planned = executor.schedule(this::plan, millis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("the pool is closing", e);
            }
        }
    }

    private synchronized void plan() {
        try {
            List<HandlerPlan> handlers = new ArrayList<>();
            List<Contexts.Wanted> lost = new ArrayList<>();
            Map<String, HandlerPlan> taken = new HashMap<>();
            for (HandlerDeclaration declaration : source.declarations()) {
                addPlan(declaration, handlers, taken, lost);
            }
            refused.keySet().retainAll(handlers);
            List<HandlerPlan> possible = new ArrayList<>();
            handlers.forEach(handler -> possible.add(refused.containsKey(handler) ? former(handler) : handler));
            losers = lost;
            Generation generation = new Generation(lastNumber + 1, settings, possible);
            // What has no handler any more is gone now, not only when the next generation is ready.
            List<Contexts.Wanted> present = wanted(generation, Map.of());
            presentKeys = present.stream().map(Contexts.Wanted::key).toList();
            contexts.retainHandlers(present);
            if (possible.isEmpty()) {
                latest = null;
                accepted = null;
                contexts.update(losers);
                roll.accept(null);
            } else if (accepted != null && generation.isLike(accepted.generation())) {
                // Nothing new, or nothing new that works.
                if (latest != accepted.generation()) {
                    latest = accepted.generation();
                    roll.accept(latest);
                }
                publish();
            } else if (!generation.isLike(latest)) {
                lastNumber++;
                latest = generation;
                roll.accept(generation);
            }
            keepFiles();
        } catch (IOException | RuntimeException e) {
            LOG.error("No new generation can be made; the present one goes on", e);
        }
    }

    private void addPlan(HandlerDeclaration declaration, List<HandlerPlan> handlers, Map<String, HandlerPlan> taken,
            List<Contexts.Wanted> lost) {
        List<String> contextsLeft = new ArrayList<>();
        for (String context : declaration.contexts()) {
            HandlerPlan older = taken.get(declaration.host() + context);
            if (older == null) {
                contextsLeft.add(context);
            } else {
                String problem = declaration.describe() + " is not served: the older " + older.description()
                        + " has this context";
                lost.add(new Contexts.Wanted(context, declaration.host(), declaration.describe(), false, problem));
                if (losers.stream().noneMatch(one -> one.key().equals(lost.get(lost.size() - 1).key()))) {
                    LOG.error("Context {}: {}", context, problem);
                }
            }
        }
        if (contextsLeft.isEmpty()) {
            return;
        }
        try {
            HandlerPlan plan = new HandlerPlan(declaration.describe(), declaration.component(), contextsLeft,
                    declaration.host(), files(declaration.bundle()));
            handlers.add(plan);
            contextsLeft.forEach(context -> taken.put(declaration.host() + context, plan));
        } catch (IOException e) {
            LOG.error("{} is not served", declaration.describe(), e);
            contextsLeft.forEach(context -> lost.add(new Contexts.Wanted(context, declaration.host(),
                    declaration.describe(), false, "it cannot be copied for the workers: " + e.getMessage())));
        }
    }

    private List<Path> files(Bundle bundle) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Bundle needed : closure.of(bundle)) {
            files.add(store.file(needed));
        }
        return files;
    }

    // ---- the pool's questions, on its loop

    @Override
    public boolean accepts(Generation next, Map<Integer, String> failures) {
        Map<HandlerPlan, String> failed = new HashMap<>();
        failures.forEach((number, reason) -> {
            if (number >= 1 && number <= next.handlers().size()) {
                failed.put(next.handlers().get(number - 1), reason);
            }
        });
        Accepted serving = accepted;
        Map<HandlerPlan, String> worse = new HashMap<>();
        failed.forEach((handler, reason) -> {
            LOG.error("{} does not work in {}: {}", handler.description(), next, reason);
            if (serving != null && workedBefore(serving, handler)) {
                worse.put(handler, reason);
            }
        });
        later(() -> {
            if (latest == null) {
                LOG.debug("the last handler has gone since {} became ready", next);
            } else if (worse.isEmpty()) {
                accepted = new Accepted(next, failed);
                publish();
            } else {
                refused.putAll(worse);
                changed();
            }
        });
        return worse.isEmpty();
    }

    @Override
    public void startFailed(Generation next, String reason) {
        later(() -> {
            if (accepted == null && next == latest) {
                Map<HandlerPlan, String> all = new HashMap<>();
                next.handlers().forEach(handler -> all.put(handler, "no worker starts: " + reason));
                contexts.update(wanted(next, all));
            }
        });
    }

    private static boolean workedBefore(Accepted serving, HandlerPlan handler) {
        return serving.generation().handlers().stream()
                .anyMatch(former -> former.replaces(handler) && !former.equals(handler)
                        && !serving.failures().containsKey(former));
    }

    private HandlerPlan former(HandlerPlan handler) {
        if (accepted == null) {
            return handler;
        }
        return accepted.generation().handlers().stream().filter(handler::replaces).findFirst().orElse(handler);
    }

    private void publish() {
        // What has gone since that generation was planned does not come back with it.
        contexts.update(wanted(accepted.generation(), accepted.failures()).stream()
                .filter(one -> presentKeys.contains(one.key())).toList());
    }

    private List<Contexts.Wanted> wanted(Generation generation, Map<HandlerPlan, String> failures) {
        List<Contexts.Wanted> wanted = new ArrayList<>(losers);
        for (HandlerPlan handler : generation.handlers()) {
            String failure = failures.get(handler);
            String problem = failure != null ? failure : refusal(handler);
            for (String context : handler.contexts()) {
                wanted.add(new Contexts.Wanted(context, handler.host(), handler.description(), failure == null,
                        problem));
            }
        }
        return wanted;
    }

    /** The problem of a handler whose newer code was refused; empty for others. */
    private String refusal(HandlerPlan handler) {
        return refused.entrySet().stream().filter(entry -> entry.getKey().replaces(handler))
                .map(entry -> "its former code serves, because the new one fails: " + entry.getValue())
                .findFirst().orElse("");
    }

    private void keepFiles() throws IOException {
        Set<Path> used = new HashSet<>();
        if (latest != null) {
            used.addAll(latest.bundles());
        }
        if (accepted != null) {
            used.addAll(accepted.generation().bundles());
        }
        store.keepOnly(used);
    }

    private void later(Runnable task) {
        try {
            executor.execute(() -> {
                synchronized (this) {
                    task.run();
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("the pool is closing", e);
        }
    }
}
