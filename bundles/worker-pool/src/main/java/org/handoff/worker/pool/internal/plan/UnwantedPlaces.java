package org.handoff.worker.pool.internal.plan;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Places that are not wanted any more, which stay for a while, served or not: code for them may come in another bundle.
 * Not thread-safe.
 */
final class UnwantedPlaces {

    private final Map<Place, Long> since = new LinkedHashMap<>();

    /**
     * The places that stay.
     *
     * @param served the places that are served
     * @param before the places that were wanted at the last call
     * @param wanted the places that are wanted now
     * @param settleNanos how long the others stay
     */
    Set<Place> kept(Set<Place> served, Set<Place> before, Set<Place> wanted, long settleNanos, long now) {
        Stream.concat(served.stream(), before.stream()).forEach(place -> since.putIfAbsent(place, now));
        since.keySet().removeAll(wanted);
        Set<Place> kept = new LinkedHashSet<>();
        since.forEach((place, first) -> {
            if (now - first < settleNanos) {
                kept.add(place);
            }
        });
        since.keySet().removeIf(place -> !kept.contains(place) && !served.contains(place));
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
