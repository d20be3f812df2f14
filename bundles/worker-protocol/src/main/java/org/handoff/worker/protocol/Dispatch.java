package org.handoff.worker.protocol;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The way of a pool's requests to its workers: docs/worker-protocol.md, "Dispatch". */
public enum Dispatch {

    /** A worker keeps the connections it has. */
    CONNECTION,
    /** A worker has one request at a time. */
    REQUEST,
    /** A worker keeps its connections while its handlers are quick. */
    ADAPTIVE;

    /** The value in the configuration and in {@code HANDOFF_DISPATCH}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Finds the constant for a configured value.
     *
     * @param source the key or variable that has the value, for the message
     * @throws IllegalArgumentException if there is none; the message names source, value and remedy
     */
    public static Dispatch of(String source, String value) {
        return Arrays.stream(values())
                .filter(one -> one.key().equals(value.strip()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(source + " = " + value + ": write one of "
                        + Arrays.stream(values()).map(Dispatch::key).collect(Collectors.joining(", "))));
    }
}
