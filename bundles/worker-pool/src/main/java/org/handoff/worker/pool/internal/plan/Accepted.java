package org.handoff.worker.pool.internal.plan;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.handoff.worker.pool.internal.config.WorkerSettings;

/**
 * What serves: the last generation that a worker was ready with.
 *
 * @param generation null where nothing serves
 * @param failures what of it does not work, and why
 * @param places who has each place
 * @param code what it runs
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

    /** Who serves that place, or does not manage to; or null. */
    HandlerPlan at(Place place) {
        return places.get(place);
    }

    boolean works(HandlerPlan handler) {
        return !failures.containsKey(handler);
    }

    boolean serves(Code one) {
        return code.contains(one);
    }

    /** Whether something serves, and with other settings. */
    boolean hasOther(WorkerSettings settings) {
        return !isNothing() && !settings.equals(generation.settings());
    }
}
