package org.handoff.http.routing;

import java.util.Locale;

/** Reads {@code host[:port]}, as the Host field and absolute request targets have it (RFC 3986, section 3.2). */
final class Authority {

    private static final int MAX_LENGTH = 255;
    private static final String NAME_MARKS = "-._~!$&'()*+,;=%";

    private Authority() {}

    /**
     * The host in lower case, without the port and without the dot at the end of an absolute domain name; empty for the
     * empty string, which HTTP allows.
     */
    static String host(String authority) throws MalformedRequestException {
        boolean literal = authority.startsWith("[");
        int end = literal ? authority.indexOf(']') + 1 : authority.indexOf(':');
        if (literal && end == 0) {
            throw bad();
        }
        if (end < 0) {
            end = authority.length();
        }
        String host = authority.substring(0, end);
        checkPort(authority, end);
        if (host.length() > MAX_LENGTH || end == 0 && !authority.isEmpty()) {
            throw bad();
        }
        if (literal) {
            checkLiteral(host);
        } else {
            checkName(host);
        }
        return plain(host);
    }

    /** A host in the form in which it is compared. */
    static String plain(String host) {
        boolean absolute = host.length() > 1 && host.endsWith(".");
        return (absolute ? host.substring(0, host.length() - 1) : host).toLowerCase(Locale.ROOT);
    }

    private static void checkPort(String authority, int colon) throws MalformedRequestException {
        if (colon == authority.length()) {
            return;
        }
        if (authority.charAt(colon) != ':' || authority.length() - colon > 6) {
            throw bad();
        }
        int port = 0;
        for (int i = colon + 1; i < authority.length(); i++) {
            char c = authority.charAt(i);
            if (c < '0' || c > '9') {
                throw bad();
            }
            port = port * 10 + c - '0';
        }
        if (port > 65535) {
            throw bad();
        }
    }

    private static void checkName(String host) throws MalformedRequestException {
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (!isAlphanumeric(c) && NAME_MARKS.indexOf(c) < 0) {
                throw bad();
            }
            if (c == '%' && (i + 2 >= host.length() || !isHex(host.charAt(i + 1)) || !isHex(host.charAt(i + 2)))) {
                throw bad();
            }
        }
    }

    /** Checks the characters only: nothing is connected to by this address, it is compared and nothing else. */
    private static void checkLiteral(String host) throws MalformedRequestException {
        int colons = 0;
        for (int i = 1; i < host.length() - 1; i++) {
            char c = host.charAt(i);
            if (c == ':') {
                colons++;
            } else if (!isHex(c) && c != '.') {
                throw bad();
            }
        }
        if (colons < 2 || colons > 8 || host.length() > 47) {
            throw bad();
        }
    }

    private static boolean isAlphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
    }

    private static boolean isHex(char c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }

    private static MalformedRequestException bad() {
        return new MalformedRequestException(400, "The host is malformed");
    }
}
