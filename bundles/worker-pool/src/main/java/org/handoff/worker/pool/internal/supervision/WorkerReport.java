package org.handoff.worker.pool.internal.supervision;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;

/**
 * A full report about one worker at one moment, for {@code worker:info}.
 *
 * @param state its state; after its end {@code exited}
 * @param java the version of its Java, or the path of its program if the version is unknown; empty for another program
 * @param command its command line
 * @param history its events, the oldest first; of a long life only the latest
 * @param end how it ended; empty while it lives
 * @param connections the number that it holds, by their recorded states
 * @param handling the connection whose request its handler works on, or 0
 * @param handlingMillis since when that was seen
 * @param output what its process writes
 */
public record WorkerReport(
        String id,
        String pool,
        long pid,
        String state,
        String generation,
        String java,
        List<String> command,
        List<Event> history,
        String end,
        long requests,
        SortedMap<String, Integer> connections,
        long handling,
        long handlingMillis,
        LastOutput output) {

    /** An event of its life. */
    public record Event(Instant at, String what) {}
}
