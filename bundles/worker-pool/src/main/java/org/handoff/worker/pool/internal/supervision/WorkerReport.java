package org.handoff.worker.pool.internal.supervision;

import java.time.Instant;
import java.util.List;
import java.util.SortedMap;

/**
 * Everything about one worker at one moment, for {@code worker:info}.
 *
 * @param state what it is doing; after its end {@code exited}
 * @param java the version of its Java, or the path of its program where that does not tell; empty for another program
 * @param command its command line
 * @param history what has become of it, the oldest first; of a long life only the latest
 * @param end how it ended; empty while it lives
 * @param connections how many it holds, by the state it says they have
 * @param handling the connection whose request its handler works on, or 0
 * @param handlingMillis since when that was seen
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
        long handlingMillis) {

    /** Something that happened to it. */
    public record Event(Instant at, String what) {}
}
