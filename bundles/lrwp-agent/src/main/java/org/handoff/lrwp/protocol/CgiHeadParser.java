package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.netty.buffer.ByteBuf;

/**
 * Reads the header lines of a CGI response (RFC 3875, section 6). Lines end with CRLF or LF, and with nothing else, so
 * that no value can hold what a client would take for another line.
 */
public final class CgiHeadParser {

    private static final Pattern LINE_END = Pattern.compile("\r?\n");
    private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern VALUE = Pattern.compile("[\\t\\x20-\\x7E\\x80-\\xFF]*");
    private static final Pattern STATUS = Pattern.compile("([2-5]\\d\\d)( .*)?");
    private static final Pattern LENGTH = Pattern.compile("\\d{1,18}");

    /** About one connection only, or set by the server (RFC 9110, section 7.6.1); and what CGI means by fields. */
    private static final Set<String> SERVERS_OWN = Set.of("connection", "keep-alive", "proxy-connection",
            "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade", "content-length", "date", "status");

    private CgiHeadParser() {
    }

    /**
     * Finds the end of a header.
     *
     * @param from how many of the readable bytes were searched before
     * @return how many bytes the header has, with its empty line; -1 if it is not complete
     */
    static int end(ByteBuf in, int from) {
        int start = in.readerIndex();
        int limit = in.writerIndex();
        // Three bytes back: the end of a line and a CR may have been seen already.
        for (int i = start + Math.max(0, from - 3); i < limit; i++) {
            if (in.getByte(i) != '\n') {
                continue;
            }
            boolean empty = i == start || in.getByte(i - 1) == '\n'
                    || in.getByte(i - 1) == '\r' && (i - 1 == start || in.getByte(i - 2) == '\n');
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
    public static CgiHead parse(ByteBuf header) throws MalformedHeadException {
        List<Map.Entry<String, String>> all = new ArrayList<>();
        for (String line : LINE_END.split(header.toString(ISO_8859_1))) {
            if (!line.isEmpty()) {
                all.add(field(line));
            }
        }
        if (all.isEmpty()) {
            throw new MalformedHeadException("the header is empty");
        }
        String statusField = value(all, "status");
        String location = value(all, "location");
        boolean local = location != null && statusField == null && location.startsWith("/")
                && !location.startsWith("//");
        int status = statusField != null ? status(statusField) : location != null ? 302 : 200;
        return new CgiHead(status, endToEnd(all), local ? location : null, length(value(all, "content-length")));
    }

    private static Map.Entry<String, String> field(String line) throws MalformedHeadException {
        int colon = line.indexOf(':');
        String name = colon < 0 ? line : line.substring(0, colon);
        if (colon < 0 || !NAME.matcher(name).matches()) {
            throw new MalformedHeadException("not a header line: \"" + printable(line) + '"');
        }
        String value = line.substring(colon + 1);
        if (!VALUE.matcher(value).matches()) {
            throw new MalformedHeadException("a control character in the value of " + name);
        }
        return Map.entry(name, value.strip());
    }

    private static List<Map.Entry<String, String>> endToEnd(List<Map.Entry<String, String>> all) {
        Set<String> dropped = new HashSet<>(SERVERS_OWN);
        for (Map.Entry<String, String> field : all) {
            if (field.getKey().equalsIgnoreCase("connection")) {
                for (String name : field.getValue().split(",")) {
                    dropped.add(name.strip().toLowerCase(Locale.ROOT));
                }
            }
        }
        return all.stream().filter(field -> !dropped.contains(field.getKey().toLowerCase(Locale.ROOT))).toList();
    }

    private static int status(String value) throws MalformedHeadException {
        Matcher status = STATUS.matcher(value);
        if (!status.matches()) {
            throw new MalformedHeadException("not a status from 200 to 599: \"" + printable(value) + '"');
        }
        return Integer.parseInt(status.group(1));
    }

    private static long length(String value) {
        return value != null && LENGTH.matcher(value).matches() ? Long.parseLong(value) : -1;
    }

    /** The value of the first field of this name (in lower case), or null. */
    private static String value(List<Map.Entry<String, String>> fields, String name) {
        return fields.stream().filter(field -> field.getKey().equalsIgnoreCase(name)).map(Map.Entry::getValue)
                .findFirst().orElse(null);
    }

    private static String printable(String text) {
        return text.substring(0, Math.min(text.length(), 80)).replaceAll("[^ -~]", "?");
    }
}
