package org.handoff.worker.pool.internal.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.config.WorkerSettings;

/**
 * Brings what serves to what is wanted, in steps that lose nothing. What is wanted are the handlers of the bundles that
 * are deployed, running or not. What serves is the last generation that a worker was ready with. A context stays with
 * the code that serves it until other code for it has been seen to work, or nobody has wanted it for a while.
 *
 * <p>Knows of no container, process or thread: it is told what there is and what has happened, and says what to do.
 * Not thread-safe, but for {@link #accepts}; times are those of {@link System#nanoTime}.
 */
public final class Reconciler {

    /**
     * What is to be done.
     *
     * @param kind STAY for nothing
     * @param generation of ROLL: to which
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

    private record Accepted(
            Generation generation, Map<HandlerPlan, String> failures, Map<Place, HandlerPlan> places, Set<Code> code) {

        private static Accepted of(Generation generation, Map<HandlerPlan, String> failures) {
            Map<Place, HandlerPlan> places = new LinkedHashMap<>();
            generation.handlers().forEach(handler -> handler.places().forEach(place -> places.put(place, handler)));
            return new Accepted(generation, Map.copyOf(failures), places, generation.code());
        }

        private HandlerPlan at(Place place) {
            return places.get(place);
        }

        private boolean works(HandlerPlan handler) {
            return !failures.containsKey(handler);
        }
    }

    private final Quarantine refusals = new Quarantine();
    private final Map<Place, Long> unwantedSince = new HashMap<>();
    private List<Want> wants = List.of();
    /** Who wants each place, the first to have it first. Replaced, never changed. */
    private volatile Map<Place, List<Want>> claims = Map.of();
    /** What each place is to have, by the last plan. */
    private Map<Place, Code> picks = Map.of();

    private WorkerSettings settings;
    /** The generation that serves, with what of it does not work; null where none does. */
    private volatile Accepted accepted;
    /** The generation that the pool is trying; null for none. */
    private Generation trial;
    /** Why the last worker of the trial did not start; empty where none has failed. */
    private String startFailure = "";

    private String poolProblem = "";
    private long lastNumber;
    private boolean forced;
    /** The generation that was made by command; it need not have anything new. */
    private volatile Generation forcedTrial;

    // ---- what is wanted

    /** The next plan makes a new generation, whether or not there is something new. */
    public void force() {
        forced = true;
    }

    /**
     * Makes a plan.
     *
     * @param wanted all that is wanted now, the oldest bundle first
     * @param settleNanos how long a context is served that nobody wants any more
     */
    public Step plan(List<Want> wanted, WorkerSettings wantedSettings, long settleNanos, long now) {
        wants = List.copyOf(wanted);
        settings = wantedSettings;
        refusals.retain(wants.stream().map(Want::code).filter(Objects::nonNull).collect(Collectors.toSet()), settings);
        claims = claims();
        Quarantine.Trial chosen = refusals.choose(fresh(), isFresh(settings), now);
        picks = picks(chosen.code(), settleNanos, now);
        WorkerSettings used =
                isFresh(settings) && !chosen.settings() ? accepted.generation().settings() : settings;
        return step(new Generation(lastNumber + 1, used, handlers()), chosen.suspect());
    }

    private Step step(Generation next, boolean suspect) {
        if (next.handlers().isEmpty()) {
            forced = false;
            boolean none = accepted == null && trial == null;
            accepted = null;
            trial = null;
            return none ? Step.STAY : Step.NOTHING_TO_SERVE;
        }
        if (forced) {
            forced = false;
            forcedTrial = next;
            return begin(next, suspect);
        }
        if (trial != null && (next.isLike(trial) || isStillWanted(trial, next.settings()))) {
            // What came meanwhile has its turn when this one has been tried, which takes a bounded time. Begun anew
            // with each deployment, code that never gets ready would keep all others waiting.
            return Step.STAY;
        }
        if (accepted != null && next.isLike(accepted.generation())) {
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

    private Map<Place, List<Want>> claims() {
        Map<Place, List<Want>> all = new LinkedHashMap<>();
        wants.forEach(want -> want.places()
                .forEach(place ->
                        all.computeIfAbsent(place, first -> new ArrayList<>()).add(want)));
        all.forEach((place, claimants) -> claimants.sort(precedence(place, claimants)));
        return all;
    }

    /** First the bundle by whose name it is served, then the oldest one; of one name the newest version. */
    private Comparator<Want> precedence(Place place, List<Want> claimants) {
        HandlerPlan serving = former(place);
        Map<String, Long> oldest = new HashMap<>();
        claimants.forEach(want -> oldest.merge(want.bundle(), want.id(), Math::min));
        return Comparator.comparing((Want want) -> serving == null || !isOf(serving, want))
                .thenComparing(want -> oldest.get(want.bundle()))
                .thenComparing(Want::version, Comparator.reverseOrder())
                .thenComparing(Want::id, Comparator.reverseOrder())
                .thenComparing(want -> String.valueOf(want.component()));
    }

    /** The code that does not serve yet and would, if it worked. */
    private Set<Code> fresh() {
        Set<Code> fresh = new LinkedHashSet<>();
        claims.forEach((place, claimants) -> {
            for (Want want : claimants) {
                if (want.isReady()) {
                    if (serves(want.code())) {
                        break;
                    }
                    fresh.add(want.code());
                }
                boolean goes = want.isReady() && !refusals.keepsOut(want.code());
                if (goes || isOf(former(place), want)) {
                    break;
                }
            }
        });
        return fresh;
    }

    private Map<Place, Code> picks(Collection<Code> tried, long settleNanos, long now) {
        Map<Place, Code> picked = new LinkedHashMap<>();
        claims.forEach((place, claimants) -> {
            unwantedSince.remove(place);
            Code code = pick(place, claimants, tried);
            if (code != null) {
                picked.put(place, code);
            }
        });
        Set<Place> served = accepted == null ? Set.of() : accepted.places().keySet();
        unwantedSince.keySet().retainAll(served);
        for (Place place : served) {
            if (!claims.containsKey(place) && now - unwantedSince.computeIfAbsent(place, first -> now) < settleNanos) {
                picked.put(place, former(place).code());
            }
        }
        return picked;
    }

    /** What a place is to have of those that want it: the first that works or is to be tried; else what it has. */
    private Code pick(Place place, List<Want> claimants, Collection<Code> tried) {
        HandlerPlan former = former(place);
        for (Want want : claimants) {
            if (want.isReady() && (serves(want.code()) || tried.contains(want.code()))) {
                return want.code();
            }
            if (isOf(former, want)) {
                return former.code();
            }
        }
        return former == null ? null : former.code();
    }

    private List<HandlerPlan> handlers() {
        List<HandlerPlan> handlers = new ArrayList<>();
        Set<Place> done = new HashSet<>();
        for (Want want : wants) {
            if (want.isReady()) {
                add(want.code(), want.contexts(), want.host(), done, handlers);
            }
        }
        if (accepted != null) {
            accepted.generation()
                    .handlers()
                    .forEach(one -> add(one.code(), one.contexts(), one.host(), done, handlers));
        }
        return handlers;
    }

    private void add(Code code, List<String> contexts, String host, Set<Place> done, List<HandlerPlan> handlers) {
        List<String> its = contexts.stream()
                .filter(context -> code.equals(picks.get(new Place(host, context))))
                .filter(context -> done.add(new Place(host, context)))
                .toList();
        if (!its.isEmpty()) {
            handlers.add(new HandlerPlan(code, its, host));
        }
    }

    // ---- what has happened

    /**
     * Whether a generation may replace the present one. On any thread.
     *
     * @param failed why not, of the handlers that it cannot serve
     */
    public boolean accepts(Generation next, Map<HandlerPlan, String> failed) {
        Accepted serving = accepted;
        return failed.keySet().stream().noneMatch(handler -> isWorse(serving, next, handler));
    }

    /** Whether a handler that fails would serve without what is new in this generation. */
    private boolean isWorse(Accepted serving, Generation next, HandlerPlan handler) {
        boolean fresh = serving == null || !serving.code().contains(handler.code());
        boolean worked = serving != null
                && handler.places().stream()
                        .map(serving::at)
                        .anyMatch(former -> former != null && serving.works(former));
        if (fresh) {
            return worked || hasAlternative(handler);
        }
        return worked
                && (next == forcedTrial
                        || !next.settings().equals(serving.generation().settings())
                        || !serving.code().containsAll(next.code()));
    }

    private boolean hasAlternative(HandlerPlan handler) {
        return handler.places().stream()
                .flatMap(place -> claims.getOrDefault(place, List.of()).stream())
                .anyMatch(want -> want.isReady() && !want.code().equals(handler.code()));
    }

    /** A generation has replaced the present one. */
    public void accepted(Generation next, Map<HandlerPlan, String> failed) {
        if (accepted == null && trial == null) {
            // The last handler has gone since it became ready.
            return;
        }
        accepted = Accepted.of(next, failed);
        if (next == trial) {
            trial = null;
        }
        poolProblem = "";
        refusals.accepted(next);
    }

    /** A generation was ready, and did not replace the present one. */
    public void refused(Generation next, Map<HandlerPlan, String> failed, long now) {
        Set<Code> fresh = fresh(next);
        boolean guilty = false;
        for (Map.Entry<HandlerPlan, String> one : failed.entrySet()) {
            if (fresh.contains(one.getKey().code()) && isWorse(accepted, next, one.getKey())) {
                refusals.refuse(one.getKey().code(), one.getValue());
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
            refusals.crashed(
                    List.copyOf(fresh(next)),
                    isFresh(next.settings()) ? next.settings() : null,
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

    /** What is wrong with the workers of the present generation; empty for nothing. */
    public void problem(String problem) {
        poolProblem = problem;
    }

    // ---- what there is

    /** When a plan is to be made though nothing happens: nanoseconds from now; -1 for never. */
    public long wakeIn(long settleNanos, long now) {
        return Stream.concat(
                        Stream.of(refusals.retryIn(now)),
                        unwantedSince.values().stream()
                                .map(since -> since + settleNanos - now)
                                // What has gone waits for the next generation.
                                .filter(left -> left > 0))
                .filter(left -> left >= 0)
                .min(Comparator.naturalOrder())
                .orElse(-1L);
    }

    /** When something is tried again: nanoseconds from now; -1 for never. */
    public long retryIn(long now) {
        return refusals.retryIn(now);
    }

    /** The generation that is being tried; null for none. */
    public Generation trial() {
        return trial;
    }

    /** The generations whose files are in use. */
    public List<Generation> generations() {
        return Stream.of(accepted == null ? null : accepted.generation(), trial)
                .filter(Objects::nonNull)
                .toList();
    }

    /** How it stands with each context that somebody wants, or that is still served. */
    public List<ContextLine> contexts() {
        List<ContextLine> lines = new ArrayList<>();
        claims.forEach((place, claimants) -> lines.addAll(lines(place, claimants)));
        picks.forEach((place, code) -> {
            if (!claims.containsKey(place)) {
                HandlerPlan former = former(place);
                boolean works = former != null && accepted.works(former);
                lines.add(new ContextLine(
                        place,
                        ContextLine.State.LEAVING,
                        works,
                        code.label(),
                        "",
                        "its bundle has gone",
                        OptionalLong.empty()));
            }
        });
        return lines;
    }

    private List<ContextLine> lines(Place place, List<Want> claimants) {
        List<ContextLine> lines = new ArrayList<>();
        HandlerPlan serving = former(place);
        Want owner = claimants.get(0);
        lines.add(
                serving != null && accepted.works(serving)
                        ? served(place, owner, serving)
                        : unserved(place, owner, serving));
        claimants.stream()
                .skip(1)
                .filter(want -> serving == null || !serving.code().equals(want.code()))
                .forEach(want -> lines.add(new ContextLine(
                        place,
                        ContextLine.State.SHADOWED,
                        false,
                        "",
                        want.label(),
                        want.describe() + " is not served: " + owner.describe() + " has this context",
                        OptionalLong.empty())));
        return lines;
    }

    private ContextLine served(Place place, Want owner, HandlerPlan serving) {
        String serves = serving.code().label();
        if (owner.isReady() && owner.code().equals(serving.code())) {
            String problem = Stream.of(poolProblem, refusals.settingsReason())
                    .filter(one -> !one.isEmpty())
                    .findFirst()
                    .orElse("");
            return new ContextLine(place, ContextLine.State.SERVING, true, serves, "", problem, OptionalLong.empty());
        }
        String label = owner.label().equals(serves) ? owner.label() + ", as it is now" : owner.label();
        if (!owner.isReady()) {
            return new ContextLine(
                    place,
                    ContextLine.State.WAITING,
                    true,
                    serves,
                    label,
                    "its former code serves, because the new one waits: " + owner.waiting(),
                    OptionalLong.empty());
        }
        String reason = refusals.reason(owner.code());
        return reason.isEmpty()
                ? new ContextLine(place, ContextLine.State.STARTING, true, serves, label, "", OptionalLong.empty())
                : new ContextLine(
                        place,
                        ContextLine.State.FAILED,
                        true,
                        serves,
                        label,
                        "its former code serves, because the new one fails: " + reason,
                        refusals.retryAt(owner.code()));
    }

    private ContextLine unserved(Place place, Want owner, HandlerPlan failing) {
        String label = owner.label();
        if (!owner.isReady()) {
            return new ContextLine(
                    place, ContextLine.State.WAITING, false, "", label, owner.waiting(), OptionalLong.empty());
        }
        if (failing != null && failing.code().equals(owner.code())) {
            return new ContextLine(
                    place,
                    ContextLine.State.FAILED,
                    false,
                    "",
                    label,
                    accepted.failures().get(failing),
                    OptionalLong.empty());
        }
        String reason = refusals.reason(owner.code());
        if (!reason.isEmpty()) {
            return new ContextLine(
                    place, ContextLine.State.FAILED, false, "", label, reason, refusals.retryAt(owner.code()));
        }
        return new ContextLine(
                place,
                startFailure.isEmpty() ? ContextLine.State.STARTING : ContextLine.State.FAILED,
                false,
                "",
                label,
                startFailure.isEmpty() ? "" : "no worker starts: " + startFailure,
                OptionalLong.empty());
    }

    // ---- small questions

    /** Who serves that place, or does not manage to; or null. */
    private HandlerPlan former(Place place) {
        return accepted == null ? null : accepted.at(place);
    }

    private static boolean isOf(HandlerPlan serving, Want want) {
        return serving != null && serving.code().bundle().equals(want.bundle());
    }

    private boolean serves(Code code) {
        return accepted != null && accepted.code().contains(code);
    }

    /** What is in that generation and not in the one that serves. */
    private Set<Code> fresh(Generation generation) {
        Set<Code> fresh = new LinkedHashSet<>();
        generation.handlers().forEach(handler -> fresh.add(handler.code()));
        if (accepted != null) {
            fresh.removeAll(accepted.code());
        }
        return fresh;
    }

    private boolean isFresh(WorkerSettings wanted) {
        return accepted != null && !wanted.equals(accepted.generation().settings());
    }
}
