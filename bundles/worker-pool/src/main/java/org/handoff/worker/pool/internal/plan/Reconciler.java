package org.handoff.worker.pool.internal.plan;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.config.WorkerSettings;

/**
 * Brings the serving handlers to the wanted ones, in steps that lose nothing. Wanted are the handlers of the deployed
 * bundles, running or not. The last generation that a worker was ready with serves. A context stays with the code that
 * serves it until other code for it has been seen to work, or it was unwanted for a while.
 *
 * <p>Independent of containers, processes and threads: it is told events, and returns steps. Not thread-safe, but for
 * {@link #accepts}; times are those of {@link System#nanoTime}.
 */
public final class Reconciler {

    /**
     * The next step.
     *
     * @param kind STAY for none
     * @param generation of ROLL: the new generation
     * @param suspect of ROLL: whether it has code that may make workers die
     */
    public record Step(Kind kind, Generation generation, boolean suspect) {

        public enum Kind {
            STAY,
            ROLL,
            NOTHING_TO_SERVE
        }

        private static final Step STAY = new Step(Kind.STAY, null, false);
        private static final Step NOTHING_TO_SERVE = new Step(Kind.NOTHING_TO_SERVE, null, false);
    }

    private final Quarantine quarantine = new Quarantine();
    private final UnwantedPlaces unwanted = new UnwantedPlaces();
    private List<Want> wants = List.of();
    /** The last plan. */
    private volatile RolloutPlanner.Plan plan = RolloutPlanner.Plan.NOTHING;

    /** The serving generation, with its failures. */
    private volatile Accepted accepted = Accepted.NOTHING;
    /** The generation that the pool is trying; null for none. */
    private Generation trial;
    /** The reason of the last failed start in the trial; empty for none. */
    private String startFailure = "";

    private String poolProblem = "";
    private long lastNumber;
    private boolean forced;
    /** The generation made by command; it need not have any news. */
    private volatile Generation forcedTrial;

    // ---- what is wanted

    /** Lets the next plan make a new generation, even without a change. */
    public void force() {
        forced = true;
    }

    /**
     * Makes a plan.
     *
     * @param wanted all claims now, the oldest bundle first
     * @param settleNanos how long an unwanted context is still served
     */
    public Step plan(List<Want> wanted, WorkerSettings wantedSettings, long settleNanos, long now) {
        Set<Place> before = places();
        wants = List.copyOf(wanted);
        Set<Code> present =
                wants.stream().map(Want::code).filter(Objects::nonNull).collect(Collectors.toSet());
        quarantine.retain(present, wantedSettings);
        Set<Place> kept = unwanted.kept(accepted.places().keySet(), before, places(), settleNanos, now);
        plan = RolloutPlanner.plan(wants, wantedSettings, accepted, quarantine, kept, now);
        Set<Code> former = plan.handlers().stream()
                .map(HandlerPlan::code)
                .filter(code -> !present.contains(code))
                .collect(Collectors.toSet());
        return step(new Generation(lastNumber + 1, plan.settings(), plan.handlers(), former), plan.suspect());
    }

    private Set<Place> places() {
        return wants.stream()
                .flatMap(want -> want.places().stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private Step step(Generation next, boolean suspect) {
        if (next.handlers().isEmpty()) {
            forced = false;
            boolean none = accepted.isNothing() && trial == null;
            accepted = Accepted.NOTHING;
            trial = null;
            return none ? Step.STAY : Step.NOTHING_TO_SERVE;
        }
        if (forced) {
            forced = false;
            forcedTrial = next;
            return begin(next, suspect);
        }
        if (trial != null && (next.isLike(trial) || isStillWanted(trial, next.settings()))) {
            // Later changes wait for the end of this trial, which takes a bounded time. If each deployment began a new
            // trial, code that never gets ready would keep all others waiting.
            return Step.STAY;
        }
        if (next.isLike(accepted.generation())) {
            if (trial == null) {
                return Step.STAY;
            }
            trial = null;
            return new Step(Step.Kind.ROLL, accepted.generation(), false);
        }
        return begin(next, suspect);
    }

    private Step begin(Generation next, boolean suspect) {
        lastNumber++;
        trial = next;
        startFailure = "";
        return new Step(Step.Kind.ROLL, next, suspect);
    }

    private boolean isStillWanted(Generation tried, WorkerSettings wantedSettings) {
        Set<Code> fresh = fresh(tried);
        return !fresh.isEmpty()
                && tried.settings().equals(wantedSettings)
                && wants.stream().map(Want::code).collect(Collectors.toSet()).containsAll(fresh);
    }

    // ---- what has happened

    /**
     * Whether a generation may replace the present one. On any thread.
     *
     * @param failed the reasons for the handlers that it cannot serve
     */
    public boolean accepts(Generation next, Map<HandlerPlan, String> failed) {
        Accepted serving = accepted;
        return failed.keySet().stream().noneMatch(handler -> isWorse(serving, next, handler));
    }

    /** Whether a handler is one of those that do not work in the present generation either. On any thread. */
    public boolean failsAlready(HandlerPlan handler) {
        return !accepted.works(handler);
    }

    /** Whether a handler that fails would serve without the new parts of this generation. */
    private boolean isWorse(Accepted serving, Generation next, HandlerPlan handler) {
        boolean fresh = !serving.serves(handler.code());
        boolean worked =
                handler.places().stream().map(serving::at).anyMatch(former -> former != null && serving.works(former));
        if (fresh) {
            return worked || hasAlternative(handler);
        }
        return worked
                && (next == forcedTrial
                        || serving.hasOther(next.settings())
                        || !serving.code().containsAll(next.code()));
    }

    private boolean hasAlternative(HandlerPlan handler) {
        return handler.places().stream()
                .flatMap(place -> plan.claims().getOrDefault(place, List.of()).stream())
                .anyMatch(want -> want.isReady() && !want.code().equals(handler.code()));
    }

    /** A generation has replaced the present one. */
    public void accepted(Generation next, Map<HandlerPlan, String> failed) {
        if (accepted.isNothing() && trial == null) {
            // The last handler has gone since the generation became ready.
            return;
        }
        accepted = Accepted.of(next, failed);
        if (next == trial) {
            trial = null;
        }
        poolProblem = "";
        quarantine.accepted(next);
    }

    /** A generation was ready, and did not replace the present one. */
    public void refused(Generation next, Map<HandlerPlan, String> failed, long now) {
        Set<Code> fresh = fresh(next);
        boolean guilty = false;
        for (Map.Entry<HandlerPlan, String> one : failed.entrySet()) {
            if (fresh.contains(one.getKey().code()) && isWorse(accepted, next, one.getKey())) {
                quarantine.refuse(one.getKey().code(), one.getValue());
                guilty = true;
            }
        }
        if (!guilty && next == trial) {
            crashed(next, "with it " + failed.keySet().iterator().next().description() + " does not start", 0, now);
        }
        endTrial(next);
    }

    /** The workers of a generation ended before one was ready, and the pool has given it up. */
    public void crashed(Generation next, String reason, long pauseNanos, long now) {
        if (next == trial) {
            quarantine.crashed(
                    List.copyOf(fresh(next)),
                    accepted.hasOther(next.settings()) ? next.settings() : null,
                    reason,
                    pauseNanos,
                    now);
            endTrial(next);
        }
    }

    private void endTrial(Generation next) {
        if (next == trial) {
            trial = null;
            startFailure = "";
        }
    }

    /** A worker of a generation ended before it was ready; the pool tries on. */
    public void startFailed(Generation next, String reason) {
        if (next == trial) {
            startFailure = reason;
        }
    }

    /** The problem of the present generation's workers; empty for none. */
    public void problem(String problem) {
        poolProblem = problem;
    }

    // ---- what there is

    /** The time to a plan without an event: nanoseconds from now; -1 for never. */
    public long wakeIn(long settleNanos, long now) {
        return LongStream.concat(LongStream.of(quarantine.retryIn(now)), unwanted.goIn(settleNanos, now))
                .filter(left -> left >= 0)
                .min()
                .orElse(-1L);
    }

    /** The time to the next attempt: nanoseconds from now; -1 for never. */
    public long retryIn(long now) {
        return quarantine.retryIn(now);
    }

    /** The generation that is being tried; null for none. */
    public Generation trial() {
        return trial;
    }

    /** The generations whose files are in use. */
    public List<Generation> generations() {
        return Stream.of(accepted.generation(), trial).filter(Objects::nonNull).toList();
    }

    /** The state of each context that is wanted or still served. */
    public List<ContextLine> contexts() {
        return new ContextStates(accepted, quarantine, startFailure, poolProblem).of(plan);
    }

    /** The code of that generation that the serving one does not have. */
    private Set<Code> fresh(Generation generation) {
        Set<Code> fresh = new LinkedHashSet<>();
        generation.handlers().forEach(handler -> fresh.add(handler.code()));
        fresh.removeAll(accepted.code());
        return fresh;
    }
}
