package org.handoff.worker.api;

import java.time.Duration;

/**
 * A cookie that a response sets (RFC 6265). Not modifiable: each method that sets an attribute returns a cookie with it.
 *
 * <pre>{@code
 * response.cookie(Cookie.of("session", id).path("/").secure().httpOnly().sameSite(Cookie.SameSite.LAX));
 * response.cookie(Cookie.of("session", "").path("/").maxAge(Duration.ZERO)); // removes it
 * }</pre>
 */
public final class Cookie {

    /** Which requests of other sites the browser sends the cookie with. */
    public enum SameSite {
        /** None. */
        STRICT("Strict"),
        /** When the user follows a link. */
        LAX("Lax"),
        /** All; only for a cookie that is {@link #secure}. */
        NONE("None");

        private final String word;

        SameSite(String word) {
            this.word = word;
        }
    }

    private final String name;
    private final String value;
    private final String attributes;

    private Cookie(String name, String value, String attributes) {
        this.name = name;
        this.value = value;
        this.attributes = attributes;
    }

    /**
     * Begins a cookie without attributes: it goes back to the path of the request, until the browser ends.
     *
     * @throws IllegalArgumentException if the name is not a token, or the value has a character that no cookie has:
     *         a space, {@code "}, a comma, a semicolon, {@code \}, a control character, or one outside ASCII
     */
    public static Cookie of(String name, String value) {
        if (!FieldReader.isToken(name)) {
            throw new IllegalArgumentException("the cookie's name \"" + name + "\" is not a token");
        }
        if (!isValue(value)) {
            throw new IllegalArgumentException(
                    "the value of the cookie " + name + " has a character that no cookie has: encode it");
        }
        return new Cookie(name, value, "");
    }

    static boolean isValue(String value) {
        return value.chars().allMatch(c -> c > ' ' && c < 127 && c != '"' && c != ',' && c != ';' && c != '\\');
    }

    private Cookie with(String attribute) {
        return new Cookie(name, value, attributes + "; " + attribute);
    }

    private static String plain(String text) {
        if (text.isEmpty() || !text.chars().allMatch(c -> c >= ' ' && c < 127 && c != ';')) {
            throw new IllegalArgumentException("\"" + text + "\" is not the value of an attribute");
        }
        return text;
    }

    /** Sets the path whose requests have the cookie. */
    public Cookie path(String path) {
        return with("Path=" + plain(path));
    }

    /** Sets the domain whose hosts get the cookie; without it only the host of the request does. */
    public Cookie domain(String domain) {
        return with("Domain=" + plain(domain));
    }

    /** Sets the time that the browser keeps the cookie; zero removes it. */
    public Cookie maxAge(Duration age) {
        return with("Max-Age=" + Math.max(0, age.toSeconds()));
    }

    /** Lets the browser send the cookie by HTTPS only. */
    public Cookie secure() {
        return with("Secure");
    }

    /** Keeps the cookie from the page's scripts. */
    public Cookie httpOnly() {
        return with("HttpOnly");
    }

    /** Sets which requests of other sites have the cookie. */
    public Cookie sameSite(SameSite policy) {
        return with("SameSite=" + policy.word);
    }

    /** As the field {@code Set-Cookie} has it. */
    @Override
    public String toString() {
        return name + '=' + value + attributes;
    }
}
