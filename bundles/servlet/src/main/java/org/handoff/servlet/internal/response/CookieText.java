package org.handoff.servlet.internal.response;

import java.util.Locale;
import java.util.Map;
import java.util.Set;

import jakarta.servlet.http.Cookie;

/** A servlet's cookie as the field {@code Set-Cookie} has it (RFC 6265). */
final class CookieText {

    /** Those with a method of their own; a cookie of javax has no others. */
    private static final Set<String> NAMED = Set.of("path", "domain", "max-age", "secure", "httponly", "comment");

    private final String name;
    private final StringBuilder text;

    private CookieText(Cookie cookie) {
        name = cookie.getName();
        text = new StringBuilder(name).append('=').append(checked(cookie.getValue() == null ? "" : cookie.getValue()));
    }

    /** @throws IllegalArgumentException if a part of it has a character that no cookie has */
    static String of(Cookie cookie) {
        CookieText made = new CookieText(cookie);
        made.add("Path", cookie.getPath());
        made.add("Domain", cookie.getDomain());
        if (cookie.getMaxAge() >= 0) {
            made.add("Max-Age", Integer.toString(cookie.getMaxAge()));
        }
        if (cookie.getMaxAge() == 0) {
            made.add("Expires", "Thu, 01 Jan 1970 00:00:00 GMT");
        }
        made.add("Secure", cookie.getSecure() ? "" : null);
        made.add("HttpOnly", cookie.isHttpOnly() ? "" : null);
        for (Map.Entry<String, String> attribute : cookie.getAttributes().entrySet()) {
            if (!NAMED.contains(attribute.getKey().toLowerCase(Locale.ROOT))) {
                made.add(attribute.getKey(), attribute.getValue());
            }
        }
        return made.text.toString();
    }

    /** @param value empty for an attribute that is a word alone; null for none */
    private void add(String attribute, String value) {
        if (value != null) {
            text.append("; ").append(checked(attribute));
            if (!value.isEmpty()) {
                text.append('=').append(checked(value));
            }
        }
    }

    private String checked(String part) {
        if (!part.chars().allMatch(c -> c >= ' ' && c < 127 && c != ';')) {
            throw new IllegalArgumentException(
                    "the cookie " + name + " has \"" + part + "\", with a character that no cookie has: encode it");
        }
        return part;
    }
}
