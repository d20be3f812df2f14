package org.handoff.worker.api;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Named values of a query or a form, in the encoding {@code application/x-www-form-urlencoded}: percent-encoded UTF-8,
 * and {@code +} for a space. Not modifiable.
 *
 * <pre>{@code
 * // GET /search?q=blue+sky&tag=a&tag=b
 * String query = request.queryParameters().required("q"); // "blue sky"
 * List<String> tags = request.queryParameters().all("tag"); // [a, b]
 * }</pre>
 */
public final class Parameters {

    /** The most parameters that one query or form may have. */
    public static final int MOST = 1000;

    private final Map<String, List<String>> values = new LinkedHashMap<>();

    private Parameters() {}

    /**
     * Decodes parameters. A name without {@code =} has an empty value.
     *
     * @param encoded such as {@code a=1&b=2}
     * @throws HttpException with 400 if an encoding is malformed or is not of UTF-8, or if there are more than {@value
     *         #MOST}
     */
    public static Parameters parse(String encoded) {
        return decode(encoded);
    }

    /** Looks at each character a few times only, whatever the parameters are: they are a client's. */
    static Parameters decode(CharSequence encoded) {
        Parameters decoded = new Parameters();
        int count = 0;
        int end;
        for (int start = 0; start < encoded.length(); start = end + 1) {
            end = find('&', encoded, start, encoded.length());
            if (start == end) {
                continue;
            }
            if (++count > MOST) {
                throw new HttpException(400, "more than " + MOST + " parameters");
            }
            int equals = find('=', encoded, start, end);
            String name = decode(encoded, start, equals);
            decoded.values
                    .computeIfAbsent(name, first -> new ArrayList<>(1))
                    .add(equals < end ? decode(encoded, equals + 1, end) : "");
        }
        return decoded;
    }

    /** The place of a character, or the end. */
    private static int find(char wanted, CharSequence text, int from, int to) {
        int at = from;
        while (at < to && text.charAt(at) != wanted) {
            at++;
        }
        return at;
    }

    private static String decode(CharSequence text, int from, int to) {
        boolean plain = true;
        for (int i = from; i < to && plain; i++) {
            char c = text.charAt(i);
            plain = c != '%' && c != '+' && c < 128;
        }
        if (plain) {
            return text.subSequence(from, to).toString();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(to - from);
        for (int i = from; i < to; i++) {
            int c = Character.codePointAt(text, i);
            if (c == '%') {
                int high = i + 2 < to ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
                if (low < 0) {
                    throw new HttpException(400, "a percent sign without two hexadecimal digits");
                }
                bytes.write(high << 4 | low);
                i += 2;
            } else if (c == '+') {
                bytes.write(' ');
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                i += Character.charCount(c) - 1;
            }
        }
        return text(ByteBuffer.wrap(bytes.toByteArray()));
    }

    private static String text(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new HttpException(400, "a parameter is not UTF-8", e);
        }
    }

    /** The first value of a name, or empty if there is none. */
    public Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    /**
     * The first value of a name that has to be there.
     *
     * @throws HttpException with 400 if it is not
     */
    public String required(String name) {
        return first(name).orElseThrow(() -> new HttpException(400, "the parameter " + name + " is missing"));
    }

    /**
     * The first value of a name as a whole number, or empty if there is none.
     *
     * @throws HttpException with 400 if the value is not a whole number
     */
    public OptionalLong number(String name) {
        Optional<String> value = first(name);
        try {
            return value.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(value.get()));
        } catch (NumberFormatException e) {
            throw new HttpException(400, "the parameter " + name + " is not a whole number", e);
        }
    }

    /** All values of a name, in order; empty if there is none. Not modifiable. */
    public List<String> all(String name) {
        return Collections.unmodifiableList(values.getOrDefault(name, List.of()));
    }

    /** The names, each once, in the order in which they came. Not modifiable. */
    public Set<String> names() {
        return Collections.unmodifiableSet(values.keySet());
    }
}
