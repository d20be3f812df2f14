package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The CGI variables of one request (RFC 3875, section 4.1) as a block: {@code NAME=VALUE} and a NUL byte each, and one
 * more NUL at the end.
 */
public final class Environment {

    /**
     * Fields that say nothing about the request as the peer gets it: they are about the connection, have a variable of
     * their own, or ({@code Proxy}) would become HTTP_PROXY, which programs take for their own configuration.
     */
    private static final Set<String> NOT_PASSED = Set.of("connection", "keep-alive", "proxy-connection", "te",
            "trailer", "transfer-encoding", "upgrade", "expect", "content-length", "content-type", "proxy");

    private final ByteArrayOutputStream block = new ByteArrayOutputStream(1024);

    /** Adds a variable; its value must not hold a NUL. */
    public Environment put(String name, String value, Charset charset) {
        block.writeBytes(name.getBytes(ISO_8859_1));
        block.write('=');
        for (byte b : value.getBytes(charset)) {
            // Ends the pair for every peer: what follows would be a variable of the client's choice.
            if (b != 0) {
                block.write(b);
            }
        }
        block.write(0);
        return this;
    }

    /** Adds a variable of ASCII characters. */
    public Environment put(String name, String value) {
        return put(name, value, ISO_8859_1);
    }

    /**
     * Adds the header fields as {@code HTTP_*}, byte for byte; several of one name in one variable. Fields with other
     * characters than letters, digits and hyphens are left out, as {@code X_Real_IP} would pass for {@code X-Real-IP}.
     */
    public Environment putFields(Iterable<Map.Entry<String, String>> fields) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (Map.Entry<String, String> field : fields) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (isPassed(name)) {
                variables.merge("HTTP_" + name.toUpperCase(Locale.ROOT).replace('-', '_'), field.getValue(),
                        (first, next) -> first + (name.equals("cookie") ? "; " : ", ") + next);
            }
        }
        variables.forEach(this::put);
        return this;
    }

    private static boolean isPassed(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-')) {
                return false;
            }
        }
        return !NOT_PASSED.contains(name);
    }

    /** The whole block. */
    public byte[] toBytes() {
        byte[] pairs = block.toByteArray();
        byte[] whole = new byte[pairs.length + 1];
        System.arraycopy(pairs, 0, whole, 0, pairs.length);
        return whole;
    }
}
