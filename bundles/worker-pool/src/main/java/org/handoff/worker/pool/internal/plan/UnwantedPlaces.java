package org.handoff.worker.pool.internal.plan;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/** Served places that are not wanted any more, which stay for a while. Not thread-safe. */
final class UnwantedPlaces {

    private final Map<Place, Long> since = new HashMap<>();

    /**
     * The served places that stay.
     *
     * @param wanted the places that are wanted now
     * @param settleNanos how long the others stay
     */
    Set<Place> kept(Set<Place> served, Set<Place> wanted, long settleNanos, long now) {
        since.keySet().removeAll(wanted);
        since.keySet().retainAll(served);
        Set<Place> kept = new LinkedHashSet<>();
        for (Place place : served) {
            if (!wanted.contains(place) && now - since.computeIfAbsent(place, first -> now) < settleNanos) {
                kept.add(place);
            }
        }
        return kept;
    }

    /** The time to the next removals: nanoseconds from now. */
    LongStream goIn(long settleNanos, long now) {
        return since.values().stream()
                .mapToLong(first -> first + settleNanos - now)
                // Places already removed wait for the next generation.
                .filter(left -> left > 0);
    }
}
