package org.handoff.worker.pool.internal.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Attributes of the cookie of sessions, as a pool's file has them. */
final class SessionCookieAttributes {

    private static final Map<String, String> SAME_SITE = Map.of("strict", "Strict", "lax", "Lax", "none", "None");
    private static final String DOMAIN = "\\.?[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*";
    private static final String SECONDS = "[1-9][0-9]{0,8}";

    private SessionCookieAttributes() {}

    /**
     * Reads attributes such as {@code SameSite=None; Secure}.
     *
     * @throws IllegalArgumentException if one is not possible; the message names key, value and remedy
     */
    static List<String> of(String configured) {
        List<String> attributes = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (String part : configured.split(";")) {
            if (!part.isBlank()) {
                String attribute = attribute(configured, part.strip());
                if (!names.add(attribute.split("=")[0])) {
                    throw refused(configured, part.strip() + " is a second value; write one");
                }
                attributes.add(attribute);
            }
        }
        boolean needsSecure = attributes.contains("SameSite=None") || attributes.contains("Partitioned");
        if (needsSecure && !attributes.contains("Secure")) {
            throw refused(configured, "browsers take such a cookie with Secure only; add Secure");
        }
        return List.copyOf(attributes);
    }

    private static String attribute(String configured, String part) {
        int equals = part.indexOf('=');
        String name = (equals < 0 ? part : part.substring(0, equals)).strip().toLowerCase(Locale.ROOT);
        String value = equals < 0 ? "" : part.substring(equals + 1).strip();
        String sameSite = SAME_SITE.get(value.toLowerCase(Locale.ROOT));
        if (name.equals("samesite") && sameSite != null) {
            return "SameSite=" + sameSite;
        }
        if (name.equals("secure") && equals < 0) {
            return "Secure";
        }
        if (name.equals("partitioned") && equals < 0) {
            return "Partitioned";
        }
        if (name.equals("domain") && value.matches(DOMAIN)) {
            return "Domain=" + value;
        }
        if (name.equals("max-age") && value.matches(SECONDS)) {
            return "Max-Age=" + value;
        }
        throw refused(
                configured,
                part + " is none; write SameSite=Strict, SameSite=Lax, SameSite=None, Secure, Partitioned, "
                        + "Domain=example.org or Max-Age=SECONDS, separated by semicolons");
    }

    private static IllegalArgumentException refused(String configured, String why) {
        return new IllegalArgumentException("sessions.cookie = " + configured + ": " + why);
    }
}
