package org.handoff.http.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Finds the context of a path. The longest context wins, on whole segments: {@code /app} has {@code /app} and {@code
 * /app/x}, not {@code /apple}. Contexts for the request's host come before those for any host, even longer ones.
 *
 * <p>Immutable, so any thread may use it.
 *
 * @param <T> the value of a context
 */
public final class ContextTable<T> {

    /**
     * One line of the table.
     *
     * @param context the context as {@link ContextTable#validContext} returns it
     * @param host the host it is for, without port, in any letter case; empty for any host
     * @param value the value of the context
     */
    public record Entry<T>(String context, String host, T value) {

        /**
         * @throws IllegalArgumentException if the context is not valid
         * @throws NullPointerException if something is null
         */
        public Entry {
            context = validContext(context);
            host = Authority.plain(host);
            Objects.requireNonNull(value, "value");
        }
    }

    private final List<Entry<T>> entries;
    private final Map<String, Map<String, Entry<T>>> byHost = new HashMap<>();
    private final Map<String, Entry<T>> anyHost;

    private ContextTable(Collection<Entry<T>> given) {
        List<Entry<T>> kept = new ArrayList<>();
        for (Entry<T> entry : given) {
            Map<String, Entry<T>> contexts = byHost.computeIfAbsent(entry.host(), host -> new HashMap<>());
            if (contexts.putIfAbsent(entry.context(), entry) == null) {
                kept.add(entry);
            }
        }
        Map<String, Entry<T>> any = byHost.remove("");
        anyHost = any == null ? Map.of() : any;
        entries = List.copyOf(kept);
    }

    /**
     * Makes a table.
     *
     * @param entries its lines; of two with the same context and host the first wins and the other is left out
     * @return the table
     */
    public static <T> ContextTable<T> of(Collection<Entry<T>> entries) {
        return new ContextTable<>(entries);
    }

    /** The table's lines, in the order given. Not modifiable. */
    public List<Entry<T>> entries() {
        return entries;
    }

    /**
     * Finds the context of a request.
     *
     * @param host the request's host as in {@link RequestTarget#host}
     * @param path the request's path as in {@link RequestTarget#path}
     * @return the matching line, or null for none
     */
    public Entry<T> find(String host, String path) {
        if (!byHost.isEmpty()) {
            Map<String, Entry<T>> contexts = byHost.get(host);
            Entry<T> found = contexts == null ? null : longest(contexts, path);
            if (found != null) {
                return found;
            }
        }
        return longest(anyHost, path);
    }

    private static <T> Entry<T> longest(Map<String, Entry<T>> contexts, String path) {
        if (contexts.isEmpty()) {
            return null;
        }
        for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
            Entry<T> found = contexts.get(path.substring(0, end));
            if (found != null) {
                return found;
            }
        }
        return contexts.get("/");
    }

    /**
     * Checks a context, and takes a trailing slash away.
     *
     * @param context such as {@code /app}; {@code /} for the root context
     * @return the context in the form in which it is compared
     * @throws IllegalArgumentException if it is not an absolute, decoded path without empty and dot segments
     */
    public static String validContext(String context) {
        if (context.equals("/")) {
            return context;
        }
        String trimmed = context.endsWith("/") ? context.substring(0, context.length() - 1) : context;
        if (!trimmed.startsWith("/")) {
            throw bad(context, "begin it with a slash");
        }
        for (String segment : trimmed.substring(1).split("/", -1)) {
            if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
                throw bad(context, "leave empty and dot segments out");
            }
        }
        for (int i = 0; i < trimmed.length(); i++) {
            char c = trimmed.charAt(i);
            if (Character.isISOControl(c) || c == '?' || c == '#' || c == '%') {
                throw bad(context, "write it decoded, without query, fragment, escapes and control characters");
            }
        }
        return trimmed;
    }

    private static IllegalArgumentException bad(String context, String remedy) {
        return new IllegalArgumentException("The context \"" + context + "\" is not valid: " + remedy);
    }
}
