package org.handoff.worker.protocol.log;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * The levels of a worker's loggers: told by an environment variable at its start, and by a frame at each change.
 *
 * @param root the level of all loggers for which nothing else is said
 * @param named the levels of loggers and of those below them, by their names
 */
public record LogLevels(LogLevel root, Map<String, LogLevel> named) {

    /** Without a configuration. */
    public static final LogLevels DEFAULT = new LogLevels(LogLevel.INFO, Map.of());

    /** The most bytes: an environment variable has to hold them. */
    private static final int BYTES = 64 * 1024;

    /** The level of a logger. */
    public LogLevel of(String logger) {
        for (String name = logger; ; name = name.substring(0, name.lastIndexOf('.'))) {
            LogLevel level = named.get(name);
            if (level != null) {
                return level;
            }
            if (name.lastIndexOf('.') < 0) {
                return root;
            }
        }
    }

    /** As words: the root's level, and NAME=LEVEL for each of the others. Leaves out those without room. */
    public String text() {
        StringBuilder text = new StringBuilder(root.name());
        int bytes = text.length();
        for (Map.Entry<String, LogLevel> one : new TreeMap<>(named).entrySet()) {
            String word = " " + one.getKey() + "=" + one.getValue();
            bytes += word.getBytes(StandardCharsets.UTF_8).length;
            if (isWord(one.getKey()) && bytes <= BYTES) {
                text.append(word);
            }
        }
        return text.toString();
    }

    private static boolean isWord(String name) {
        return name.chars().noneMatch(c -> c <= ' ' || c == '=');
    }

    /**
     * Reads words.
     *
     * @throws IllegalArgumentException if one of them is not as {@link #text} makes it
     */
    public static LogLevels parse(String text) {
        String[] words = text.split(" ");
        Map<String, LogLevel> named = new TreeMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                named.put(word.substring(0, equals), level(word.substring(equals + 1)));
            }
        }
        return new LogLevels(level(words[0]), named);
    }

    private static LogLevel level(String word) {
        return LogLevel.of(word)
                .orElseThrow(
                        () -> new IllegalArgumentException("the levels of loggers have the word \"" + word + "\""));
    }
}
