package org.handoff.servlet.internal.response;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;

import org.handoff.worker.api.HttpDate;
import org.handoff.worker.api.Response;

/** The header fields of a response, as a servlet sets them. */
final class ResponseHeaders {

    /** What the server sets by itself: a servlet's word about them is not needed. */
    private static final Set<String> SERVERS =
            Set.of("connection", "transfer-encoding", "content-length", "date", "keep-alive", "upgrade", "trailer");

    private final TreeMap<String, List<String>> fields = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    /** The cookie that tells the client its session; null where it knows. */
    private String session;

    /** A date in milliseconds since 1970, as a header field has it. */
    static String date(long millis) {
        return HttpDate.of(Instant.ofEpochMilli(millis));
    }

    void set(String name, String value) {
        if (value == null) {
            fields.remove(name);
        } else {
            List<String> values = new ArrayList<>(1);
            values.add(value);
            fields.put(name, values);
        }
    }

    void add(String name, String value) {
        if (value != null) {
            fields.computeIfAbsent(name, first -> new ArrayList<>(1)).add(value);
        }
    }

    boolean has(String name) {
        return fields.containsKey(name);
    }

    String first(String name) {
        List<String> values = fields.get(name);
        return values == null ? null : values.get(0);
    }

    Collection<String> all(String name) {
        return List.copyOf(fields.getOrDefault(name, List.of()));
    }

    Collection<String> names() {
        return List.copyOf(fields.keySet());
    }

    /** Sets the cookie of the session, which no servlet sees or clears. */
    void session(String cookie) {
        session = cookie;
    }

    void clear() {
        fields.clear();
    }

    /** Passes them on. @throws IllegalArgumentException if one is not a header field */
    void copyTo(Target target) {
        fields.forEach((name, values) -> {
            if (!SERVERS.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> target.add(name, value));
            }
        });
        if (session != null) {
            target.add("Set-Cookie", session);
        }
    }

    /** Takes header fields, as {@link Response#addHeader} does. */
    @FunctionalInterface
    interface Target {
        void add(String name, String value);
    }
}
