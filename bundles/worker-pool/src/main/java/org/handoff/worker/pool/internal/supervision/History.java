package org.handoff.worker.pool.internal.supervision;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The latest events of a worker's life. On the event loop only. */
public final class History {

    private static final int EVENTS = 20;

    private final Deque<WorkerReport.Event> events = new ArrayDeque<>();

    public void add(String what) {
        if (events.size() == EVENTS) {
            events.remove();
        }
        events.add(new WorkerReport.Event(Instant.now(), what));
    }

    /** The oldest first. */
    public List<WorkerReport.Event> events() {
        return List.copyOf(events);
    }
}
