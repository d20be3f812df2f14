package org.handoff.servlet.internal.response;

import java.util.Locale;
import java.util.Map;

import jakarta.servlet.http.Cookie;

/** A servlet's cookie as the field {@code Set-Cookie} has it (RFC 6265). */
final class CookieText {

    private CookieText() {}

    /** @throws IllegalArgumentException if a part of it has a character that no cookie has */
    static String of(Cookie cookie) {
        StringBuilder text = new StringBuilder(cookie.getName()).append('=');
        text.append(checked(cookie.getName(), cookie.getValue() == null ? "" : cookie.getValue()));
        for (Map.Entry<String, String> attribute : cookie.getAttributes().entrySet()) {
            String name = attribute.getKey();
            String value = attribute.getValue();
            boolean flag = name.equalsIgnoreCase("Secure") || name.equalsIgnoreCase("HttpOnly");
            if (flag && "false".equals(value) || name.equalsIgnoreCase("Max-Age") && value.startsWith("-")) {
                continue;
            }
            text.append("; ").append(checked(cookie.getName(), name));
            if (!flag && !value.isEmpty()) {
                text.append('=').append(checked(cookie.getName(), value));
            }
        }
        if (cookie.getMaxAge() == 0 && !text.toString().toLowerCase(Locale.ROOT).contains("; expires=")) {
            text.append("; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        }
        return text.toString();
    }

    private static String checked(String name, String text) {
        if (!text.chars().allMatch(c -> c >= ' ' && c < 127 && c != ';')) {
            throw new IllegalArgumentException(
                    "the cookie " + name + " has \"" + text + "\", with a character that no cookie has: encode it");
        }
        return text;
    }
}
