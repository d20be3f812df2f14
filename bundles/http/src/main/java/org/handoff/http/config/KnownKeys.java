package org.handoff.http.config;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.slf4j.Logger;

/**
 * The keys that a file in {@code etc/} may have. Finds unknown keys, each with the most similar known one: the author
 * of {@code worker = 3} means {@code workers}, and would wait for them in vain.
 */
public final class KnownKeys {

    /** The end of a key that stands for all keys with its beginning. */
    private static final String ANY = "NAME";

    /** The keys added by Configuration Admin, the component runtime and Karaf. */
    private static final Pattern ADDED = Pattern.compile("(service|component|felix|osgi|org\\.apache)?\\..*");

    private final SortedSet<String> keys = new TreeSet<>();

    /**
     * The keys of one kind of file.
     *
     * @param config its methods are keys, named as the component runtime names them: {@code max_age} is {@code max.age}
     * @param others further keys; {@code environment.NAME} stands for all keys that begin with {@code environment.}
     */
    public KnownKeys(Class<?> config, Collection<String> others) {
        Arrays.stream(config.getDeclaredMethods())
                .map(Method::getName)
                .map(name -> name.replace('_', '.'))
                .forEach(keys::add);
        keys.addAll(others);
    }

    /**
     * The message about a file's unknown keys: "ignoring keys of " and so on, as the file's reader ignores them. It has
     * no values, which may be passwords.
     *
     * @param file for the message
     * @param properties the file's keys and values
     * @return empty if all keys are known
     */
    public String complaint(String file, Map<String, ?> properties) {
        List<String> unknown = properties.keySet().stream()
                .filter(key -> !ADDED.matcher(key).matches())
                .filter(key -> keys.stream().noneMatch(known -> isFor(known, key)))
                .sorted()
                .toList();
        return unknown.isEmpty()
                ? ""
                : "ignoring keys of " + file + ": "
                        + unknown.stream()
                                .map(key -> key + " (the nearest is " + nearest(key) + ")")
                                .collect(Collectors.joining(", "));
    }

    /**
     * Logs a file's unknown keys, if there are any.
     *
     * @param log of the file's reader
     * @param reader begins the line, as in "Pool default"
     * @return as {@link #complaint}, to be shown
     */
    public String warn(Logger log, String reader, String file, Map<String, ?> properties) {
        String complaint = complaint(file, properties);
        if (!complaint.isEmpty()) {
            log.warn("{} is {}", reader, complaint);
        }
        return complaint;
    }

    private static boolean isFor(String known, String key) {
        return known.endsWith(ANY) ? key.startsWith(start(known)) : key.equals(known);
    }

    private static String start(String known) {
        return known.substring(0, known.length() - ANY.length());
    }

    private String nearest(String key) {
        return keys.stream()
                .min(Comparator.comparingInt(known -> distance(known, key)))
                .orElseThrow();
    }

    private static int distance(String known, String key) {
        int dot = key.indexOf('.');
        return known.endsWith(ANY) ? edits(start(known), dot < 0 ? key : key.substring(0, dot + 1)) : edits(known, key);
    }

    /** The number of characters to be inserted, removed or replaced to make one text of the other. */
    private static int edits(String one, String other) {
        int[] row = new int[other.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
