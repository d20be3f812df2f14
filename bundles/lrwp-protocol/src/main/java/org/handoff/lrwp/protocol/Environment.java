package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.charset.Charset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The CGI variables of one request (RFC 3875, section 4.1) as a block: {@code NAME=VALUE} and a NUL byte each, and one
 * more NUL at the end.
 */
public final class Environment {

    private static final byte[] PREFIX = {'H', 'T', 'T', 'P', '_'};
    /**
     * Fields that say nothing about the request as the peer gets it: they are about the connection, have a variable of
     * their own, or ({@code Proxy}) would become HTTP_PROXY, which programs take for their own configuration.
     */
    private static final Set<String> NOT_PASSED = Set.of(
            "HTTP_CONNECTION",
            "HTTP_KEEP_ALIVE",
            "HTTP_PROXY_CONNECTION",
            "HTTP_TE",
            "HTTP_TRAILER",
            "HTTP_TRANSFER_ENCODING",
            "HTTP_UPGRADE",
            "HTTP_EXPECT",
            "HTTP_CONTENT_LENGTH",
            "HTTP_CONTENT_TYPE",
            "HTTP_PROXY");

    /** A character for each byte, as one copy of them all costs less than one for each variable. */
    private final StringBuilder block = new StringBuilder(1024);

    /** Adds a variable; NULs in its value are left out. */
    public Environment put(String name, String value, Charset charset) {
        return put(name, new String(value.getBytes(charset), ISO_8859_1));
    }

    /** Adds a variable of characters that are bytes (ISO 8859-1); NULs in its value are left out. */
    public Environment put(String name, String value) {
        // A NUL would end the pair for every peer: the rest would be a variable of the client's choice.
        block.append(name)
                .append('=')
                .append(value.indexOf(0) < 0 ? value : value.replace("\0", ""))
                .append('\0');
        return this;
    }

    /**
     * Adds the header fields as {@code HTTP_*}, byte for byte; several of one name in one variable. Fields with other
     * characters than letters, digits and hyphens are left out, as {@code X_Real_IP} would pass for {@code X-Real-IP}.
     */
    public Environment putFields(Iterable<Map.Entry<String, String>> fields) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (Map.Entry<String, String> field : fields) {
            String name = variable(field.getKey());
            if (name != null && !NOT_PASSED.contains(name)) {
                variables.merge(
                        name,
                        field.getValue(),
                        (first, next) -> first + (name.equals("HTTP_COOKIE") ? "; " : ", ") + next);
            }
        }
        variables.forEach(this::put);
        return this;
    }

    /** The variables of a block, in their order; a character for each byte of a value. */
    public static Map<String, String> parse(byte[] block) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String pair : new String(block, ISO_8859_1).split("\0")) {
            int mark = pair.indexOf('=');
            if (mark > 0) {
                variables.put(pair.substring(0, mark), pair.substring(mark + 1));
            }
        }
        return variables;
    }

    /** The variable of a field; null for fields without one. */
    private static String variable(String field) {
        byte[] name = Arrays.copyOf(PREFIX, PREFIX.length + field.length());
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c >= 'a' && c <= 'z') {
                c -= 'a' - 'A';
            } else if (c == '-') {
                c = '_';
            } else if (!(c >= 'A' && c <= 'Z' || c >= '0' && c <= '9')) {
                return null;
            }
            name[PREFIX.length + i] = (byte) c;
        }
        return new String(name, ISO_8859_1);
    }

    /** Ends the block and returns all of it; nothing may be added any more. */
    public byte[] toBytes() {
        return block.append('\0').toString().getBytes(ISO_8859_1);
    }
}
