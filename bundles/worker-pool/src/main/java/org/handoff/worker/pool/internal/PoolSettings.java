package org.handoff.worker.pool.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntSupplier;

import org.handoff.http.HttpLimits;

/**
 * A pool's configuration, checked.
 *
 * @param name the pool's name
 * @param http the workers' limits of HTTP, by key
 */
record PoolSettings(String name, int workers, Path java, List<String> javaOptions, String heap, int startSeconds,
        int drainSeconds, int queueLength, int queueSeconds, SortedMap<String, String> http) {

    private static final String HTTP = "http.";

    /** @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy */
    static PoolSettings of(String name, PoolConfig config, Map<String, Object> properties) {
        SortedMap<String, String> http = new TreeMap<>();
        properties.forEach((key, value) -> {
            if (key.startsWith(HTTP)) {
                http.put(key, value.toString().strip());
            }
        });
        // Workers would refuse it too, but one after the other, and only in the log of a failed start.
        HttpLimits.from(http);
        String home = config.java_home().isBlank() ? System.getProperty("java.home") : config.java_home().strip();
        Path java = Path.of(home, "bin", "java");
        if (!Files.isExecutable(java)) {
            throw new IllegalArgumentException("java.home = " + home + ": " + java + " is not a program; name the home "
                    + "of a JDK or JRE, 17 or later, or leave it empty");
        }
        if (!config.heap().strip().matches("\\d+[kKmMgG]?")) {
            throw new IllegalArgumentException("heap = " + config.heap() + ": not a size like 64m or 1g");
        }
        return new PoolSettings(name, atLeast(1, "workers", config::workers, properties), java,
                words(config.java_options()), config.heap().strip(),
                atLeast(1, "start.timeout", config::start_timeout, properties),
                atLeast(1, "drain.timeout", config::drain_timeout, properties),
                atLeast(0, "queue.length", config::queue_length, properties),
                atLeast(1, "queue.timeout", config::queue_timeout, properties), http);
    }

    private static int atLeast(int least, String key, IntSupplier configured, Map<String, Object> properties) {
        int value;
        try {
            value = configured.getAsInt();
        } catch (RuntimeException e) {
            // The component runtime's, for what is not a number; it does not say which key it is.
            throw new IllegalArgumentException(key + " = " + properties.get(key) + ": not a whole number; write "
                    + least + " or more, or leave it out", e);
        }
        if (value < least) {
            throw new IllegalArgumentException(key + " = " + value + ": too small; write " + least + " or more");
        }
        return value;
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : Arrays.asList(text.strip().split("\\s+"));
    }
}
