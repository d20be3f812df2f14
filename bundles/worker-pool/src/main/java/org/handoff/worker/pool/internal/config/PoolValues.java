package org.handoff.worker.pool.internal.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;

/** Reads values of a configuration, and refuses those that are not possible with key, value and remedy. */
public final class PoolValues {

    private final Map<String, Object> properties;

    /** @param properties as configured: the values for messages */
    PoolValues(Map<String, Object> properties) {
        this.properties = properties;
    }

    /** A whole number from least to most. @param configured throws an exception of some kind if it is not a number */
    int between(int least, int most, String key, IntSupplier configured) {
        String range = most == Integer.MAX_VALUE ? least + " or more" : least + " to " + most;
        int value;
        try {
            value = configured.getAsInt();
        } catch (RuntimeException e) {
            // The component runtime's exception for a value that is no number does not name the key.
            throw new IllegalArgumentException(
                    key + " = " + properties.get(key) + ": not a whole number; write " + range + ", or leave it out",
                    e);
        }
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    key + " = " + value + ": too " + (value < least ? "small" : "big") + "; write " + range);
        }
        return value;
    }

    int atLeast(int least, String key, IntSupplier configured) {
        return between(least, Integer.MAX_VALUE, key, configured);
    }

    /** A number of bytes like 64m or 1g; 0 for none. */
    static long bytes(String key, String value) {
        String text = value.strip();
        if (!text.matches("\\d{1,12}[kKmMgG]?")) {
            throw new IllegalArgumentException(
                    key + " = " + value + ": not a size like 256m or 1g; write one, or 0 " + "for no limit");
        }
        char unit = Character.toLowerCase(text.charAt(text.length() - 1));
        int shift = unit == 'k' ? 10 : unit == 'm' ? 20 : unit == 'g' ? 30 : 0;
        return Long.parseLong(shift == 0 ? text : text.substring(0, text.length() - 1)) << shift;
    }

    static Path path(String key, String value) {
        try {
            return Path.of(value.strip());
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(key + " = " + value + ": not a path (" + e.getReason() + ")", e);
        }
    }

    /** An existing directory; null if none is configured. */
    static Path directory(String key, String value) {
        Path directory = value.isBlank() ? null : path(key, value);
        if (directory != null && !Files.isDirectory(directory)) {
            throw new IllegalArgumentException(key + " = " + directory + ": there is no such directory; write one, or "
                    + "leave it empty for Karaf's own");
        }
        return directory;
    }

    static List<String> words(String text) {
        return text.isBlank() ? List.of() : Arrays.asList(text.strip().split("\\s+"));
    }
}
