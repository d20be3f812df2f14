package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

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
    private final Roll roll;

    private final Object scheduling = new Object();
    private ScheduledFuture<?> planned;
    private WorkerSettings settings;
    private long lastNumber;
    private Generation latest;
    /** The generation that serves, with what of it does not work; null before the first. */
    private volatile Accepted accepted;
    private List<Contexts.Wanted> losers = List.of();
    /** What the last plan has handlers for. */
    private List<Contexts.Key> presentKeys = List.of();
    /** What the last plan found, kept out or not. */
    private List<HandlerPlan> found = List.of();
    private final Refusals refusals = new Refusals();
    private ScheduledFuture<?> retry;
    /** What is wrong with the workers of the generation that serves; empty for nothing. */
    private String poolProblem = "";

    /** Tells the pool, on its loop. */
    interface Roll {

        /**
         * To roll.
         *
         * @param generation null for: there is nothing to serve
         * @param suspect whether it has code that may make workers die
         */
        void to(Generation generation, boolean suspect);
    }

    private record Accepted(Generation generation, Map<HandlerPlan, String> failures) {
    }

    /** Where the handlers come from. */
    @FunctionalInterface
    interface HandlerSource {

        /** The pool's handlers now, the oldest first. */
        List<HandlerDeclaration> declarations();
    }

    Planner(HandlerSource source, BundleClosure closure, BundleStore store, ScheduledExecutorService executor,
            Contexts contexts, Roll roll) {
        this.source = source;
        this.closure = closure;
        this.store = store;
        this.executor = executor;
        this.contexts = contexts;
        this.roll = roll;
    }

    /** Takes other settings of the workers. */
    synchronized void configure(WorkerSettings changed) {
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
        // One time for all: what is not due when it is decided what to try is planned for.
        long now = System.nanoTime();
        try {
            List<HandlerPlan> handlers = new ArrayList<>();
            List<Contexts.Wanted> lost = new ArrayList<>();
            Map<String, HandlerPlan> taken = new HashMap<>();
            Files files = new Files();
            for (HandlerDeclaration declaration : source.declarations()) {
                addPlan(declaration, handlers, taken, lost, files);
            }
            refusals.retain(handlers, settings);
            Refusals.Trial trial = refusals.choose(fresh(handlers), isFresh(settings), now);
            List<HandlerPlan> possible = possible(handlers, trial.handlers());
            found = handlers;
            losers = lost;
            Generation generation = new Generation(lastNumber + 1,
                    isFresh(settings) && !trial.settings() ? accepted.generation().settings() : settings, possible);
            // What has no handler any more is gone now, not only when the next generation is ready.
            List<Contexts.Wanted> present = wanted(generation, Map.of());
            presentKeys = present.stream().map(Contexts.Wanted::key).toList();
            contexts.retainHandlers(present);
            if (possible.isEmpty()) {
                latest = null;
                accepted = null;
                contexts.update(wanted(generation, Map.of()));
                roll.to(null, false);
            } else if (accepted != null && generation.isLike(accepted.generation())) {
                // Nothing new, or nothing new that works.
                if (latest != accepted.generation()) {
                    latest = accepted.generation();
                    roll.to(latest, false);
                }
                publish();
            } else if (!generation.isLike(latest)) {
                lastNumber++;
                latest = generation;
                roll.to(generation, trial.suspect());
            }
            keepFiles();
        } catch (IOException | RuntimeException e) {
            LOG.error("No new generation can be made; the present one goes on", e);
        } finally {
            planRetry(now);
        }
    }

    /** What is not in the generation that serves. */
    private List<HandlerPlan> fresh(List<HandlerPlan> handlers) {
        List<HandlerPlan> fresh = new ArrayList<>(handlers);
        if (accepted != null) {
            fresh.removeAll(accepted.generation().handlers());
        }
        return fresh;
    }

    private boolean isFresh(WorkerSettings wanted) {
        return accepted != null && !wanted.equals(accepted.generation().settings());
    }

    /** What works already and what is to be tried; for what is kept out the former code, where there is some. */
    private List<HandlerPlan> possible(List<HandlerPlan> handlers, Collection<HandlerPlan> tried) {
        List<HandlerPlan> fresh = fresh(handlers);
        List<HandlerPlan> possible = new ArrayList<>();
        for (HandlerPlan handler : handlers) {
            HandlerPlan former = former(handler);
            if (!fresh.contains(handler) || tried.contains(handler)) {
                possible.add(handler);
            } else if (former != null) {
                possible.add(former);
            }
        }
        return possible;
    }

    /** What died is tried again by itself. */
    private void planRetry(long now) {
        long in = refusals.retryIn(now);
        contexts.retryAt(now + Math.max(0, in));
        if (retry != null) {
            retry.cancel(false);
            retry = null;
        }
        if (in > 0) {
            try {
                retry = executor.schedule(this::plan, in, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("the pool is closing", e);
            }
        }
    }

    private void addPlan(HandlerDeclaration declaration, List<HandlerPlan> handlers, Map<String, HandlerPlan> taken,
            List<Contexts.Wanted> lost, Files files) {
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
                    declaration.host(), files.of(declaration.bundle()));
            handlers.add(plan);
            contextsLeft.forEach(context -> taken.put(declaration.host() + context, plan));
        } catch (IOException e) {
            LOG.error("{} is not served", declaration.describe(), e);
            contextsLeft.forEach(context -> lost.add(new Contexts.Wanted(context, declaration.host(),
                    declaration.describe(), false, "it cannot be copied for the workers: " + e.getMessage())));
        }
    }

    /** The files of bundles, each found once in a plan: a bundle may have a thousand handlers, or all the same needs. */
    private final class Files {

        private final Map<Bundle, List<Bundle>> needs = new HashMap<>();
        private final Map<Bundle, List<Path>> files = new HashMap<>();
        private final Map<Bundle, Path> copies = new HashMap<>();

        List<Path> of(Bundle bundle) throws IOException {
            List<Path> found = files.get(bundle);
            if (found == null) {
                found = new ArrayList<>();
                for (Bundle needed : closure.of(bundle, needs)) {
                    found.add(copy(needed));
                }
                files.put(bundle, found);
            }
            return found;
        }

        private Path copy(Bundle bundle) throws IOException {
            Path copy = copies.get(bundle);
            if (copy == null) {
                copy = store.file(bundle);
                copies.put(bundle, copy);
            }
            return copy;
        }
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
                poolProblem = "";
                refusals.accepted(next);
                publish();
                if (!refusals.isEmpty()) {
                    plan();
                }
            } else {
                worse.forEach(refusals::refuse);
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

    @Override
    public void crashes(Generation next, String reason) {
        later(() -> {
            if (next == latest) {
                List<HandlerPlan> fresh = fresh(next.handlers());
                fresh.forEach(handler -> LOG.error("{} is not served for now: it is new in {}, whose workers die: {}",
                        handler.description(), next, reason));
                refusals.crashed(fresh, isFresh(next.settings()) ? next.settings() : null, reason, System.nanoTime());
                latest = accepted == null ? null : accepted.generation();
                plan();
            }
        });
    }

    @Override
    public void problem(String problem) {
        later(() -> {
            poolProblem = problem;
            if (accepted != null) {
                publish();
            }
        });
    }

    private static boolean workedBefore(Accepted serving, HandlerPlan handler) {
        return serving.generation().handlers().stream()
                .anyMatch(former -> former.replaces(handler) && !former.equals(handler)
                        && !serving.failures().containsKey(former));
    }

    /** The code that serves in the place of this one, or null. */
    private HandlerPlan former(HandlerPlan handler) {
        return accepted == null ? null : accepted.generation().handlers().stream().filter(handler::replaces)
                .findFirst().orElse(null);
    }

    private void publish() {
        // What has gone since that generation was planned does not come back with it.
        contexts.update(wanted(accepted.generation(), accepted.failures()).stream()
                .filter(one -> presentKeys.contains(one.key())).toList());
    }

    private List<Contexts.Wanted> wanted(Generation generation, Map<HandlerPlan, String> failures) {
        List<Contexts.Wanted> wanted = new ArrayList<>(losers);
        for (HandlerPlan handler : found) {
            String reason = refusals.reason(handler);
            if (!reason.isEmpty() && former(handler) == null) {
                handler.contexts().forEach(context -> wanted.add(new Contexts.Wanted(context, handler.host(),
                        handler.description(), false, reason)));
            }
        }
        for (HandlerPlan handler : generation.handlers()) {
            String failure = failures.get(handler);
            String problem = failure != null ? failure : problem(handler);
            for (String context : handler.contexts()) {
                wanted.add(new Contexts.Wanted(context, handler.host(), handler.description(), failure == null,
                        problem));
            }
        }
        return wanted;
    }

    /** What is wrong with a handler that serves: its newer code was refused, or its workers die. */
    private String problem(HandlerPlan handler) {
        return Stream.concat(
                found.stream().filter(newer -> newer.replaces(handler) && !newer.equals(handler))
                        .map(refusals::reason).filter(reason -> !reason.isEmpty())
                        .map(reason -> "its former code serves, because the new one fails: " + reason),
                Stream.of(poolProblem, refusals.settingsReason()).filter(reason -> !reason.isEmpty()))
                .findFirst().orElse("");
    }

    private void keepFiles() throws IOException {
        Set<Path> used = new HashSet<>();
        // What is kept out is tried again.
        found.forEach(handler -> used.addAll(handler.bundles()));
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
