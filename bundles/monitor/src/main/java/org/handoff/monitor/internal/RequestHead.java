package org.handoff.monitor.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Locale;
import java.util.regex.Pattern;

import org.handoff.http.routing.MalformedRequestException;
import org.handoff.http.routing.RequestTarget;

/**
 * As much of a request's head as routing needs. It is the worker that holds the request to all rules of HTTP; here a
 * request is refused only if it cannot be routed.
 *
 * @param target what is asked for
 * @param length the head's bytes, with the empty line
 * @param isHead whether the method is HEAD
 * @param complete whether the head is the whole request, and the connection may stay open after it
 */
record RequestHead(RequestTarget target, int length, boolean isHead, boolean complete) {

    // RFC 9112, section 2.2, asks servers to ignore at least one before the request line.
    private static final int LEADING_EMPTY_BYTES = 16;

    // A line's end and an empty line: what an earlier search may have seen in part.
    private static final int END_OF_HEAD = 4;

    private static final Pattern FIELD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\\r\\x00]*");

    /**
     * Reads a head from the first bytes of a request.
     *
     * @param searched how many of the bytes an earlier call has found incomplete: a client that sends its head byte by
     *        byte must not have all of it searched again each time
     * @return null if the head is not complete yet
     * @throws MalformedRequestException if it cannot be routed, with the status to answer
     */
    static RequestHead parse(byte[] bytes, int length, int searched) throws MalformedRequestException {
        int start = skipEmptyLines(bytes, length);
        if (start > LEADING_EMPTY_BYTES) {
            throw new MalformedRequestException(400, "empty lines without end");
        }
        int end = endOfHead(bytes, Math.max(start, searched - END_OF_HEAD), length);
        if (end < 0) {
            return null;
        }
        String[] lines = new String(bytes, start, end - start, ISO_8859_1).split("\r?\n");
        String[] words = lines[0].split(" ", -1);
        if (words.length != 3 || words[0].isEmpty()) {
            throw new MalformedRequestException(400, "the request line is not: method, target, version");
        }
        if (!words[2].startsWith("HTTP/1.")) {
            throw new MalformedRequestException(words[2].matches("HTTP/\\d\\.\\d") ? 505 : 400,
                    "the version is not HTTP/1");
        }
        String host = field(lines, "host");
        return new RequestHead(RequestTarget.parse(words[0], words[1], host), end, words[0].equals("HEAD"),
                isComplete(words[2], lines));
    }

    /** What somebody might read as a body's length counts as one, so that no body is taken for a request. */
    private static boolean isComplete(String version, String[] lines) {
        for (int i = 1; i < lines.length; i++) {
            if (!FIELD.matcher(lines[i]).matches()) {
                return false;
            }
        }
        String connection = field(lines, "connection");
        return version.equals("HTTP/1.1") && field(lines, "content-length") == null
                && field(lines, "transfer-encoding") == null
                && (connection == null || !connection.toLowerCase(Locale.ROOT).contains("close"));
    }

    private static int skipEmptyLines(byte[] bytes, int length) {
        int at = 0;
        while (at < length && (bytes[at] == '\r' || bytes[at] == '\n')) {
            at++;
        }
        return at;
    }

    /** The index behind the empty line, or -1. */
    private static int endOfHead(byte[] bytes, int start, int length) {
        for (int i = start; i < length; i++) {
            if (bytes[i] == '\n') {
                int next = i + 1;
                if (next < length && bytes[next] == '\r') {
                    next++;
                }
                if (next < length && bytes[next] == '\n') {
                    return next + 1;
                }
            }
        }
        return -1;
    }

    /** The value of the first field of this name (in lower case), or null. */
    private static String field(String[] lines, String name) {
        for (int i = 1; i < lines.length; i++) {
            String line = lines[i];
            if (line.length() > name.length() && line.charAt(name.length()) == ':'
                    && line.regionMatches(true, 0, name, 0, name.length())) {
                return line.substring(name.length() + 1).strip();
            }
        }
        return null;
    }
}
