package org.handoff.worker.pool.internal.plan;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.handoff.worker.pool.internal.config.WorkerSettings;

/**
 * The serving generation: the last one that a worker was ready with.
 *
 * @param generation null if none serves
 * @param failures its handlers that do not work, with the reasons
 * @param places the handler of each place
 * @param code its code
 */
record Accepted(
        Generation generation, Map<HandlerPlan, String> failures, Map<Place, HandlerPlan> places, Set<Code> code) {

    static final Accepted NOTHING = new Accepted(null, Map.of(), Map.of(), Set.of());

    static Accepted of(Generation generation, Map<HandlerPlan, String> failures) {
        Map<Place, HandlerPlan> places = new LinkedHashMap<>();
        generation.handlers().forEach(handler -> handler.places().forEach(place -> places.put(place, handler)));
        return new Accepted(generation, Map.copyOf(failures), places, generation.code());
    }

    boolean isNothing() {
        return generation == null;
    }

    /** The handler of that place, whether or not it works; or null. */
    HandlerPlan at(Place place) {
        return places.get(place);
    }

    boolean works(HandlerPlan handler) {
        return !failures.containsKey(handler);
    }

    boolean serves(Code one) {
        return code.contains(one);
    }

    /** Whether a generation serves, and with other settings. */
    boolean hasOther(WorkerSettings settings) {
        return !isNothing() && !settings.equals(generation.settings());
    }
}
