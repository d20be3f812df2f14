package org.handoff.monitor.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The log's lines about the states of contexts that only the monitor knows, shadowed and expected: one where a state
 * begins, and one where it ends. A peer may register and leave as often as it likes, so the state of one context is
 * logged once a minute at most; a state that has begun meanwhile is logged then, if it lasts. Thread-safe; times are
 * those of {@link System#nanoTime}.
 */
final class RouteLog {

    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** One context of one target. @param target its name */
    record Key(String host, String context, String target) {

        @Override
        public String toString() {
            return "Context " + host + context + " of " + target;
        }
    }

    /**
     * A state.
     *
     * @param words as in {@code monitor:contexts}
     * @param reason why it is so, and what to do
     */
    record State(String words, String reason) {}

    private final Consumer<String> log;
    private Map<Key, State> present = Map.of();
    /** The states whose beginnings were logged. */
    private final Map<Key, State> logged = new HashMap<>();
    /** When the last beginning was logged, for as long as that counts. */
    private final Map<Key, Long> begun = new HashMap<>();

    RouteLog(Consumer<String> log) {
        this.log = log;
    }

    /** Takes the present states of all contexts that have one. */
    synchronized void update(Map<Key, State> states, long now) {
        present = Map.copyOf(states);
        look(now);
    }

    /** Logs the states that have lasted. To be called from time to time. */
    synchronized void look(long now) {
        logged.entrySet().removeIf(one -> {
            boolean over = !one.getValue().equals(present.get(one.getKey()));
            if (over) {
                log.accept(one.getKey() + ": no longer " + one.getValue().words());
            }
            return over;
        });
        begun.values().removeIf(since -> now - since >= PAUSE_NANOS);
        present.forEach((key, state) -> {
            if (!logged.containsKey(key) && begun.putIfAbsent(key, now) == null) {
                logged.put(key, state);
                log.accept(key + ": " + state.words() + ": " + state.reason());
            }
        });
    }
}
