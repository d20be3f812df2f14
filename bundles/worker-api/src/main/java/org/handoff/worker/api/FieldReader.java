package org.handoff.worker.api;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Reads the value of a header field from left to right (RFC 9110, section 5.6). */
final class FieldReader {

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    private final String text;
    private int at;

    FieldReader(String text) {
        this.text = text;
        skipSpace();
    }

    static boolean isToken(String text) {
        return !text.isEmpty() && text.chars().allMatch(FieldReader::isTokenCharacter);
    }

    private static boolean isTokenCharacter(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || TOKEN_MARKS.indexOf(c) >= 0;
    }

    /** A value as a parameter has it. */
    static String tokenOrQuoted(String value) {
        return isToken(value) ? value : '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    boolean isAtEnd() {
        return at == text.length();
    }

    void skipSpace() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
    }

    /** Skips this character, if it is the next one. @return whether it was */
    boolean skip(char c) {
        boolean next = at < text.length() && text.charAt(at) == c;
        if (next) {
            at++;
        }
        return next;
    }

    /** The token that is next; empty for none. */
    String token() {
        int start = at;
        while (at < text.length() && isTokenCharacter(text.charAt(at))) {
            at++;
        }
        return text.substring(start, at);
    }

    /** The quoted string that is next, without its quotes; null if it is none. */
    String quoted() {
        if (!skip('"')) {
            return null;
        }
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return value.toString();
            }
            if (c == '\\' && at < text.length()) {
                c = text.charAt(at++);
            }
            value.append(c);
        }
        return null;
    }

    /** The entity tag that is next, with its quotes and {@code W/} (RFC 9110, section 8.8.3); null if it is none. */
    String entityTag() {
        int start = at;
        int quote = text.startsWith("W/", at) ? at + 2 : at;
        int end = quote < text.length() && text.charAt(quote) == '"' ? text.indexOf('"', quote + 1) : -1;
        if (end < 0) {
            return null;
        }
        at = end + 1;
        return text.substring(start, at);
    }

    /** The parameters that are next, by name in lower case; null if one is malformed or comes twice. */
    Map<String, String> parameters() {
        Map<String, String> parameters = new LinkedHashMap<>();
        skipSpace();
        while (skip(';')) {
            skipSpace();
            String name = token().toLowerCase(Locale.ROOT);
            if (!name.isEmpty()) {
                if (!skip('=')) {
                    return null;
                }
                String value = at < text.length() && text.charAt(at) == '"' ? quoted() : token();
                if (value == null || parameters.putIfAbsent(name, value) != null) {
                    return null;
                }
            }
            skipSpace();
        }
        return parameters;
    }

    /** Goes on behind the next comma. @return false if there is none */
    boolean nextElement() {
        int comma = text.indexOf(',', at);
        at = comma < 0 ? text.length() : comma + 1;
        skipSpace();
        return comma >= 0;
    }
}
