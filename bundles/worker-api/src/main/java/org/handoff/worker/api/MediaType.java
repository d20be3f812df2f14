package org.handoff.worker.api;

import java.nio.charset.Charset;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A media type, such as {@code text/html; charset=utf-8} (RFC 9110, section 8.3.1), or a range of them, such as {@code
 * text/*}.
 *
 * <pre>{@code
 * if (!request.contentType().filter(MediaType.of("application/json")::includes).isPresent()) {
 *     throw new HttpException(415, "only JSON");
 * }
 * }</pre>
 *
 * @param type in lower case; {@code *} for any
 * @param subtype in lower case; {@code *} for any
 * @param parameters by name in lower case, in order; not modifiable
 */
public record MediaType(String type, String subtype, Map<String, String> parameters) {

    private static final String ANY = "*";

    /** Copies the parameters. */
    public MediaType {
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
    }

    /**
     * Parses a media type that the program knows.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static MediaType of(String text) {
        return parse(text).orElseThrow(() -> new IllegalArgumentException(text + " is not a media type"));
    }

    /** Parses a media type; empty if the text is none. */
    public static Optional<MediaType> parse(String text) {
        FieldReader reader = new FieldReader(text);
        String type = reader.token().toLowerCase(Locale.ROOT);
        if (type.isEmpty() || !reader.skip('/')) {
            return Optional.empty();
        }
        String subtype = reader.token().toLowerCase(Locale.ROOT);
        Map<String, String> parameters = reader.parameters();
        if (subtype.isEmpty() || type.equals(ANY) && !subtype.equals(ANY) || parameters == null || !reader.isAtEnd()) {
            return Optional.empty();
        }
        return Optional.of(new MediaType(type, subtype, parameters));
    }

    /** The type of files whose names end like this one; {@code application/octet-stream} for an unknown ending. */
    public static MediaType ofFileName(String name) {
        return FileTypes.of(name);
    }

    /**
     * The charset that the parameter of this name says; empty without one.
     *
     * @throws HttpException with 415 if it is not known here
     */
    public Optional<Charset> charset() {
        String name = parameters.get("charset");
        if (name == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Charset.forName(name));
        } catch (IllegalArgumentException e) {
            throw new HttpException(415, "the charset is not known", e);
        }
    }

    /** Whether the other type is in this range, or is this type. All parameters here must be there too. */
    public boolean includes(MediaType other) {
        return (type.equals(ANY) || type.equals(other.type))
                && (subtype.equals(ANY) || subtype.equals(other.subtype))
                && parameters.entrySet().stream()
                        .allMatch(one -> one.getValue().equalsIgnoreCase(other.parameters.get(one.getKey())));
    }

    /** As a header field has it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(type).append('/').append(subtype);
        parameters.forEach(
                (name, value) -> text.append("; ").append(name).append('=').append(FieldReader.tokenOrQuoted(value)));
        return text.toString();
    }
}
