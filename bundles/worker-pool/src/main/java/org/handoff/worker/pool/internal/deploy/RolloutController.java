package org.handoff.worker.pool.internal.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.dispatch.Roller;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.plan.HandlerPlan;
import org.handoff.worker.pool.internal.plan.Reconciler;
import org.handoff.worker.pool.internal.plan.Want;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets the {@link Reconciler} make a plan after each relevant change, and carries it out: makes the pool roll, and
 * publishes the states of contexts.
 *
 * <p>Plans are made on an executor; answers to the pool are given on the event loop.
 */
public final class RolloutController implements Roller {

    private static final Logger LOG = LoggerFactory.getLogger(RolloutController.class);

    /** Deployments come in many small steps (stop, update, refresh, start): the plan is made once they have settled. */
    private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(300);
    /**
     * The longest delay of a plan, as changes may go on without end. A deployment of a thousand bundles is shorter: a
     * generation made halfway would cost a start of all workers, and be in use only until the next one is ready.
     */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final WantSource source;
    private final FileKeeper files;
    private final ScheduledExecutorService executor;
    private final ContextRegistrations contexts;
    private final Roll roll;
    private final Reconciler reconciler = new Reconciler();

    private final Object scheduling = new Object();
    /** Whether changes wait for a plan. */
    private boolean isUnsettled;

    private long firstChange;
    private long lastChange;

    private ScheduledFuture<?> wake;
    private WorkerSettings settings;
    private long settleNanos;
    /** The pending command, or null. */
    private Asked asked;

    private record Asked(Generation generation, CompletableFuture<String> result) {

        private void failed(String reason) {
            result.completeExceptionally(new IllegalStateException(generation + " " + reason));
        }
    }

    /** Tells the pool, on its loop. */
    public interface Roll {

        /**
         * To roll.
         *
         * @param generation null if there is nothing to serve
         * @param suspect whether it has code that may make workers die
         */
        void to(Generation generation, boolean suspect);
    }

    /** The source of wanted handlers. */
    @FunctionalInterface
    public interface WantSource {

        /**
         * The handlers wanted of the pool now, the oldest bundle first. Called by one thread at a time.
         *
         * @return null if that is unknown, because the framework is stopping
         */
        List<Want> wants();
    }

    /** The owner of the files that generations use. */
    @FunctionalInterface
    public interface FileKeeper {

        /** Deletes all files but these. */
        void keepOnly(Set<Path> used) throws IOException;
    }

    public RolloutController(
            WantSource source,
            FileKeeper files,
            ScheduledExecutorService executor,
            ContextRegistrations contexts,
            Roll roll) {
        this.source = source;
        this.files = files;
        this.executor = executor;
        this.contexts = contexts;
        this.roll = roll;
    }

    /** Takes changed settings. @param settleSeconds how long an unwanted context is still served */
    public synchronized void configure(WorkerSettings changed, int settleSeconds) {
        settings = changed;
        settleNanos = TimeUnit.SECONDS.toNanos(settleSeconds);
        changed();
    }

    /**
     * Makes a new generation, even without a change. On any thread.
     *
     * @return the outcome, once it is known; fails with the reason if the generation does not serve
     */
    public CompletableFuture<String> roll() {
        CompletableFuture<String> result = new CompletableFuture<>();
        later(() -> {
            reconciler.force();
            plan();
            Generation trial = reconciler.trial();
            if (trial == null) {
                result.completeExceptionally(new IllegalStateException("there is nothing to serve"));
            } else {
                asked = new Asked(trial, result);
            }
        });
        return result;
    }

    private void tellAsked(Generation generation, String failure) {
        if (asked != null && asked.generation() == generation) {
            if (failure.isEmpty()) {
                asked.result().complete(generation + " serves");
            } else {
                asked.failed("does not serve: " + failure);
            }
            asked = null;
        }
    }

    /** A change has come: makes a plan when no more changes come. On any thread, and without waiting for a plan. */
    public void changed() {
        synchronized (scheduling) {
            lastChange = System.nanoTime();
            if (!isUnsettled) {
                isUnsettled = true;
                firstChange = lastChange;
                schedule(this::planOnceSettled, SETTLE_NANOS);
            }
        }
    }

    private void planOnceSettled() {
        boolean settled;
        synchronized (scheduling) {
            long now = System.nanoTime();
            long left = Math.min(SETTLE_NANOS - (now - lastChange), PATIENCE_NANOS - (now - firstChange));
            settled = left <= 0;
            isUnsettled = !settled;
            if (!settled) {
                schedule(this::planOnceSettled, left);
            }
        }
        if (settled) {
            plan();
        }
    }

    /** Whether changes are still coming, for which a plan is made soon. */
    private boolean isUnsettled() {
        synchronized (scheduling) {
            return isUnsettled;
        }
    }

    /** @return null if the pool is closing */
    private ScheduledFuture<?> schedule(Runnable task, long nanos) {
        try {
            return executor.schedule(task, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("the pool is closing", e);
            return null;
        }
    }

    private synchronized void plan() {
        // One time for all steps: otherwise an event could be too early for the plan, and too late for the next
        // wake-up.
        long now = System.nanoTime();
        try {
            List<Want> wants = source.wants();
            if (wants == null) {
                return;
            }
            Reconciler.Step step = reconciler.plan(wants, settings, settleNanos, now);
            if (step.kind() != Reconciler.Step.Kind.STAY) {
                if (asked != null) {
                    asked.failed("is given up: what is wanted has changed");
                    asked = null;
                }
                roll.to(step.generation(), step.suspect());
            }
            publish(now);
            keepFiles(wants);
        } catch (IOException | RuntimeException e) {
            LOG.error("Cannot make a new generation; the present one goes on", e);
        } finally {
            wakeUp(now);
        }
    }

    private void wakeUp(long now) {
        if (wake != null) {
            wake.cancel(false);
        }
        long in = reconciler.wakeIn(settleNanos, now);
        wake = in > 0 ? schedule(this::plan, in) : null;
    }

    private void publish(long now) {
        contexts.retryAt(now + Math.max(0, reconciler.retryIn(now)));
        contexts.update(reconciler.contexts());
    }

    private void keepFiles(List<Want> wants) throws IOException {
        Set<Path> used = new HashSet<>();
        // Quarantined code is tried again.
        wants.stream()
                .filter(Want::isReady)
                .forEach(want -> used.addAll(want.code().files()));
        reconciler.generations().forEach(generation -> {
            used.addAll(generation.bundles());
            used.addAll(generation.configurations());
        });
        files.keepOnly(used);
    }

    // ---- the pool's questions, on its loop

    @Override
    public boolean accepts(Generation next, Map<Integer, String> failures) {
        Map<HandlerPlan, String> failed = new HashMap<>();
        failures.forEach((number, reason) -> {
            if (number >= 1 && number <= next.handlers().size()) {
                HandlerPlan handler = next.handlers().get(number - 1);
                if (!reconciler.failsAlready(handler)) {
                    LOG.error("{} does not work in {}: {}", handler.description(), next, reason);
                }
                failed.put(handler, reason);
            }
        });
        boolean accepted = reconciler.accepts(next, failed);
        later(() -> {
            long now = System.nanoTime();
            if (accepted) {
                reconciler.accepted(next, failed);
                publish(now);
                tellAsked(next, "");
                if (isUnsettled()) {
                    return;
                }
            } else {
                reconciler.refused(next, failed, now);
                tellAsked(next, String.join("; ", failed.values()));
            }
            plan();
        });
        return accepted;
    }

    @Override
    public void startFailed(Generation next, String reason) {
        later(() -> {
            reconciler.startFailed(next, reason);
            publish(System.nanoTime());
        });
    }

    @Override
    public void crashes(Generation next, String reason, long pauseNanos) {
        later(() -> {
            reconciler.crashed(next, reason, pauseNanos, System.nanoTime());
            tellAsked(next, reason);
            plan();
        });
    }

    @Override
    public void problem(String problem) {
        later(() -> {
            reconciler.problem(problem);
            publish(System.nanoTime());
        });
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
