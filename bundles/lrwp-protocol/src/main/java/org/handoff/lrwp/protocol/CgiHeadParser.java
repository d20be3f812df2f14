package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads the header lines of a CGI response (RFC 3875, section 6). Lines end with CRLF or LF only, so that no value can
 * hold bytes that a client would take for another line.
 */
final class CgiHeadParser {

    /** A number of this many decimal digits is always a long. */
    private static final int MAX_DIGITS = 18;

    private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

    /** About one connection only, or set by the server (RFC 9110, section 7.6.1); and what CGI means by fields. */
    private static final Set<String> SERVERS_OWN = Set.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "content-length",
            "date",
            "status");

    private CgiHeadParser() {}

    /**
     * Finds the end of a header.
     *
     * @param from the number of readable bytes searched before
     * @return the number of bytes of the header, with its empty line; -1 if it is not complete
     */
    static int end(ByteBuffer in, int from) {
        int start = in.position();
        int limit = in.limit();
        // Three bytes back: the end of a line and a CR may have been seen already.
        for (int i = start + Math.max(0, from - 3); i < limit; i++) {
            if (in.get(i) != '\n') {
                continue;
            }
            boolean empty = i == start
                    || in.get(i - 1) == '\n'
                    || in.get(i - 1) == '\r' && (i - 1 == start || in.get(i - 2) == '\n');
            if (empty) {
                return i + 1 - start;
            }
        }
        return -1;
    }

    /**
     * Reads a whole header.
     *
     * @param header its bytes, with the empty line
     * @throws MalformedHeadException if it cannot be sent to a client
     */
    static CgiHead parse(byte[] header) throws MalformedHeadException {
        String text = new String(header, ISO_8859_1);
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        String statusField = null;
        String location = null;
        String length = null;
        Set<String> ofConnection = new HashSet<>();
        for (int start = 0, end; start < text.length(); start = end + 1) {
            end = text.indexOf('\n', start);
            String line = text.substring(start, end > start && text.charAt(end - 1) == '\r' ? end - 1 : end);
            if (line.isEmpty()) {
                break;
            }
            Map.Entry<String, String> field = field(line);
            fields.add(field);
            switch (field.getKey().toLowerCase(Locale.ROOT)) {
                case "status" -> statusField = statusField == null ? field.getValue() : statusField;
                case "location" -> location = location == null ? field.getValue() : location;
                case "content-length" -> length = length == null ? field.getValue() : length;
                case "connection" -> {
                    for (String named : field.getValue().split(",")) {
                        ofConnection.add(named.strip().toLowerCase(Locale.ROOT));
                    }
                }
                default -> {
                    // Of no meaning here.
                }
            }
        }
        if (fields.isEmpty()) {
            throw new MalformedHeadException("the header is empty");
        }
        drop(fields, ofConnection);
        boolean local =
                location != null && statusField == null && location.startsWith("/") && !location.startsWith("//");
        int status = statusField != null ? status(statusField) : location != null ? 302 : 200;
        String reason = statusField != null && statusField.length() > 4
                ? printable(statusField.substring(4)).strip()
                : "";
        return new CgiHead(status, reason, fields, local ? location : null, length(length));
    }

    private static Map.Entry<String, String> field(String line) throws MalformedHeadException {
        int colon = line.indexOf(':');
        if (colon <= 0) {
            throw new MalformedHeadException("not a header line: \"" + printable(line) + '"');
        }
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (i < colon && !isToken(c)) {
                throw new MalformedHeadException("not a header line: \"" + printable(line) + '"');
            }
            if (c < ' ' && c != '\t' || c == 127) {
                throw new MalformedHeadException("a control character in the value of " + line.substring(0, colon));
            }
        }
        return Map.entry(line.substring(0, colon), line.substring(colon + 1).strip());
    }

    private static boolean isToken(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || TOKEN_MARKS.indexOf(c) >= 0;
    }

    private static void drop(List<Map.Entry<String, String>> fields, Set<String> ofConnection) {
        fields.removeIf(field -> {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            return SERVERS_OWN.contains(name) || ofConnection.contains(name);
        });
    }

    private static int status(String value) throws MalformedHeadException {
        boolean isStatus = digits(value, 3) == 3
                && value.charAt(0) >= '2'
                && value.charAt(0) <= '5'
                && (value.length() == 3 || value.charAt(3) == ' ');
        if (!isStatus) {
            throw new MalformedHeadException("not a status from 200 to 599: \"" + printable(value) + '"');
        }
        return Integer.parseInt(value, 0, 3, 10);
    }

    private static long length(String value) {
        boolean isLength = value != null && !value.isEmpty() && digits(value, MAX_DIGITS) == value.length();
        return isLength ? Long.parseLong(value) : -1;
    }

    /** The number of digits at the beginning of a value, up to a limit. */
    private static int digits(String value, int most) {
        int count = 0;
        while (count < most && count < value.length() && value.charAt(count) >= '0' && value.charAt(count) <= '9') {
            count++;
        }
        return count;
    }

    private static String printable(String text) {
        return text.substring(0, Math.min(text.length(), 80)).replaceAll("[^ -~]", "?");
    }
}
