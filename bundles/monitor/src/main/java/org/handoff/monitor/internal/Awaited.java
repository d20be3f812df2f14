package org.handoff.monitor.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.Target;

/**
 * The target of contexts whose own target is expected back: their requests wait for it for a while, and are then
 * answered 503. On the event loop only.
 */
final class Awaited implements Target {

    private static final int MOST = 1000;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** The waiting connections, the oldest first, each with the end of its wait. */
    private final Map<Connection, Long> waiting = new LinkedHashMap<>();
    /** Those that are being routed again. */
    private Map<Connection, Long> before = Map.of();

    @Override
    public void take(Connection connection) {
        Long deadline = before.get(connection);
        if (waiting.size() >= MOST) {
            sweep();
        }
        if (waiting.size() >= MOST) {
            connection.unavailable(1);
        } else {
            waiting.put(connection, deadline != null ? deadline : Long.valueOf(System.nanoTime() + PATIENCE_NANOS));
        }
    }

    /** Routes all connections again, as the table has changed. Those that come back keep the end of their wait. */
    void routesChanged() {
        before = new LinkedHashMap<>(waiting);
        waiting.clear();
        before.keySet().forEach(connection -> {
            if (connection.isOpen()) {
                connection.giveBackUnchanged();
            }
        });
        before = Map.of();
    }

    /** Answers those that have waited long enough, and drops those that have gone. */
    void sweep() {
        long now = System.nanoTime();
        for (Map.Entry<Connection, Long> one : List.copyOf(waiting.entrySet())) {
            boolean late = now - one.getValue() >= 0;
            if (late || !one.getKey().isOpen()) {
                waiting.remove(one.getKey());
                if (one.getKey().isOpen()) {
                    one.getKey().unavailable(1);
                }
            }
        }
    }

    @Override
    public String toString() {
        return "awaited";
    }
}
