package org.handoff.http.limits;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the server does with the responses of handlers that have a thread.
 *
 * @param gzip the media types, in lower case and without parameters, whose responses are compressed; empty for none
 * @param gzipLength the number of bytes from which on a response is compressed
 * @param asyncMost the number of asynchronous responses at the same time; further ones are answered 503
 * @param asyncBuffer the bytes of an asynchronous response that may wait for its client, before its connection is cut
 * @param asyncTime the longest time of an asynchronous response
 */
public record HandlerOptions(Set<String> gzip, int gzipLength, int asyncMost, int asyncBuffer, Duration asyncTime) {

    /** The keys read by {@link #from}. */
    public static final Set<String> KEYS =
            Set.of("http.gzip", "http.gzip.length", "http.async.max", "http.async.buffer", "http.async.timeout");

    private static final int GIB = 1 << 30;

    /** The default options. */
    public static HandlerOptions defaults() {
        return from(Map.of());
    }

    /**
     * Reads options from a configuration. Other keys are ignored.
     *
     * @param config the configuration; a missing key has its default
     * @throws IllegalArgumentException if a value is not valid; the message names key, value and remedy
     */
    public static HandlerOptions from(Map<String, String> config) {
        return new HandlerOptions(
                types(config.getOrDefault("http.gzip", "").strip()),
                number(config, "http.gzip.length", 1024, 0, GIB),
                number(config, "http.async.max", 1000, 0, 100_000),
                number(config, "http.async.buffer", 256 * 1024, 1024, GIB),
                Duration.ofSeconds(number(config, "http.async.timeout", 300, 1, 86_400)));
    }

    private static Set<String> types(String words) {
        if (words.isEmpty()) {
            return Set.of();
        }
        return Arrays.stream(words.split("\\s+"))
                .map(word -> {
                    if (!word.matches("[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")) {
                        throw new IllegalArgumentException("http.gzip = " + words + " is not valid: " + word
                                + " is no media type; write types like text/html application/json");
                    }
                    return word.toLowerCase(Locale.ROOT);
                })
                .collect(Collectors.toUnmodifiableSet());
    }

    private static int number(Map<String, String> config, String key, int preset, int least, int most) {
        String value = config.get(key);
        if (value == null) {
            return preset;
        }
        try {
            int number = Integer.parseInt(value.strip());
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The message below serves both.
        }
        throw new IllegalArgumentException(
                key + " = " + value + " is not valid: give a whole number from " + least + " to " + most);
    }
}
