package org.handoff.worker.pool.internal.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.handoff.worker.pool.internal.config.WorkerSettings;

/** Computes a pool's next generation: a function of what is wanted, serving and refused, without side effects. */
final class RolloutPlanner {

    /**
     * The handlers to serve.
     *
     * @param claims the claimants of each place, the first to have it first
     * @param picks the code for each place
     * @param kept the unwanted places that stay
     * @param handlers the handlers of the generation
     * @param suspect whether code or settings may make workers die
     */
    record Plan(
            Map<Place, List<Want>> claims,
            Map<Place, Code> picks,
            Set<Place> kept,
            List<HandlerPlan> handlers,
            WorkerSettings settings,
            boolean suspect) {

        static final Plan NOTHING = new Plan(Map.of(), Map.of(), Set.of(), List.of(), null, false);
    }

    private final List<Want> wants;
    private final Accepted accepted;
    private final Quarantine quarantine;
    private final Map<Place, List<Want>> claims = new LinkedHashMap<>();

    private RolloutPlanner(List<Want> wants, Accepted accepted, Quarantine quarantine) {
        this.wants = wants;
        this.accepted = accepted;
        this.quarantine = quarantine;
    }

    /**
     * Makes a plan.
     *
     * @param wants all claims, the oldest bundle first
     * @param settings the settings of processes
     * @param kept the unwanted places that stay
     */
    static Plan plan(
            List<Want> wants,
            WorkerSettings settings,
            Accepted accepted,
            Quarantine quarantine,
            Set<Place> kept,
            long now) {
        return new RolloutPlanner(wants, accepted, quarantine).plan(settings, kept, now);
    }

    private Plan plan(WorkerSettings settings, Set<Place> kept, long now) {
        claim();
        boolean other = accepted.hasOther(settings);
        Quarantine.Trial chosen = quarantine.choose(fresh(), other, now);
        Map<Place, Code> picks = picks(chosen.code(), kept);
        WorkerSettings used =
                other && !chosen.settings() ? accepted.generation().settings() : settings;
        return new Plan(claims, picks, kept, handlers(picks), used, chosen.suspect());
    }

    private void claim() {
        wants.forEach(want -> want.places()
                .forEach(place -> claims.computeIfAbsent(place, first -> new ArrayList<>())
                        .add(want)));
        claims.forEach((place, claimants) -> claimants.sort(precedence(place, claimants)));
    }

    /** First the bundle that serves now, by name, then the oldest one; of one name the newest version. */
    private Comparator<Want> precedence(Place place, List<Want> claimants) {
        HandlerPlan serving = accepted.at(place);
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
                    if (accepted.serves(want.code())) {
                        break;
                    }
                    fresh.add(want.code());
                }
                boolean goes = want.isReady() && !quarantine.keepsOut(want.code());
                if (goes || isOf(accepted.at(place), want)) {
                    break;
                }
            }
        });
        return fresh;
    }

    private Map<Place, Code> picks(Set<Code> tried, Set<Place> kept) {
        Map<Place, Code> picked = new LinkedHashMap<>();
        claims.forEach((place, claimants) -> {
            Code code = pick(place, claimants, tried);
            if (code != null) {
                picked.put(place, code);
            }
        });
        for (Place place : kept) {
            HandlerPlan former = accepted.at(place);
            if (former != null) {
                picked.put(place, former.code());
            }
        }
        return picked;
    }

    /** The code for a place: the first of the claimants that works or is to be tried; otherwise the present one. */
    private Code pick(Place place, List<Want> claimants, Set<Code> tried) {
        HandlerPlan former = accepted.at(place);
        for (Want want : claimants) {
            if (want.isReady() && (accepted.serves(want.code()) || tried.contains(want.code()))) {
                return want.code();
            }
            if (isOf(former, want)) {
                return former.code();
            }
        }
        return former == null ? null : former.code();
    }

    private List<HandlerPlan> handlers(Map<Place, Code> picks) {
        List<HandlerPlan> handlers = new ArrayList<>();
        Set<Place> done = new HashSet<>();
        for (Want want : wants) {
            if (want.isReady()) {
                add(new HandlerPlan(want.code(), want.contexts(), want.host()), picks, done, handlers);
            }
        }
        if (!accepted.isNothing()) {
            accepted.generation().handlers().forEach(one -> add(one, picks, done, handlers));
        }
        return handlers;
    }

    /** Adds a handler with those contexts of it that were picked and that no other has yet. */
    private static void add(HandlerPlan one, Map<Place, Code> picks, Set<Place> done, List<HandlerPlan> handlers) {
        List<String> its = one.contexts().stream()
                .filter(context -> one.code().equals(picks.get(new Place(one.host(), context))))
                .filter(context -> done.add(new Place(one.host(), context)))
                .toList();
        if (!its.isEmpty()) {
            handlers.add(new HandlerPlan(one.code(), its, one.host()));
        }
    }

    /** Whether the bundle that serves now, by name, is the claimant's. @param serving null for none */
    private static boolean isOf(HandlerPlan serving, Want want) {
        return serving != null && serving.code().bundle().equals(want.bundle());
    }
}
