package org.handoff.servlet.internal.request;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import jakarta.servlet.http.Cookie;
import org.handoff.worker.api.Headers;
import org.handoff.worker.api.HttpDate;
import org.handoff.worker.api.MediaType;

/** The header fields of a request: a copy, which lives as long as a servlet wants it. */
final class ReceivedFields {

    /** The characters of a field of languages that is read: parsing takes time by the square of them. */
    private static final int MOST_LANGUAGES = 1024;

    private final Map<String, List<String>> fields = new LinkedHashMap<>();
    private final Set<String> names;
    private List<Locale> locales;

    ReceivedFields(Headers headers) {
        names = Set.copyOf(headers.names());
        headers.names().forEach(name -> fields.put(name.toLowerCase(Locale.ROOT), headers.all(name)));
    }

    List<String> all(String name) {
        return fields.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }

    String first(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? null : values.get(0);
    }

    Set<String> names() {
        return names;
    }

    /** @return -1 for none @throws IllegalArgumentException if the field is not a date */
    long date(String name) {
        String value = first(name);
        if (value == null) {
            return -1;
        }
        return HttpDate.parse(value.strip())
                .orElseThrow(() -> new IllegalArgumentException(name + " is not a date"))
                .toEpochMilli();
    }

    /** The charset of the content type as the client says it; null for none. */
    String charset() {
        String type = first("Content-Type");
        return type == null
                ? null
                : MediaType.parse(type)
                        .map(parsed -> parsed.parameters().get("charset"))
                        .orElse(null);
    }

    /** @throws java.io.UnsupportedEncodingException if this Java does not know it */
    static Charset charset(String name) throws java.io.UnsupportedEncodingException {
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            java.io.UnsupportedEncodingException unknown = new java.io.UnsupportedEncodingException(name);
            unknown.initCause(e);
            throw unknown;
        }
    }

    /** The languages that the client accepts, the best first; the system's where it names none. */
    List<Locale> locales() {
        if (locales == null) {
            List<Locale> accepted = accepted();
            locales = accepted.isEmpty() ? List.of(Locale.getDefault()) : accepted;
        }
        return locales;
    }

    private List<Locale> accepted() {
        String field = String.join(",", all("Accept-Language"));
        // One that is malformed says nothing, and so does one that costs more time than a person's has languages.
        if (field.isBlank() || field.length() > MOST_LANGUAGES) {
            return List.of();
        }
        try {
            return Locale.LanguageRange.parse(field).stream()
                    .filter(range -> range.getWeight() > 0 && !range.getRange().equals("*"))
                    .map(range -> Locale.forLanguageTag(range.getRange()))
                    .toList();
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    /** All cookies in order; malformed ones are missing. */
    List<Cookie> cookies() {
        List<Cookie> cookies = new ArrayList<>();
        for (String field : all("Cookie")) {
            for (String one : field.split(";")) {
                int equals = one.indexOf('=');
                if (equals > 0) {
                    add(
                            one.substring(0, equals).strip(),
                            one.substring(equals + 1).strip(),
                            cookies);
                }
            }
        }
        return cookies;
    }

    private static void add(String name, String value, List<Cookie> cookies) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        try {
            cookies.add(new Cookie(name, quoted ? value.substring(1, value.length() - 1) : value));
        } catch (IllegalArgumentException e) {
            // Its name is not a token.
        }
    }
}
