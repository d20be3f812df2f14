package org.handoff.worker.api;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The cookies of a request (RFC 6265, section 4.2). */
final class ReceivedCookies {

    private ReceivedCookies() {}

    /** By name; of several with one name the first, which has the longest path. Skips what is malformed. */
    static Map<String, String> of(List<String> fields) {
        Map<String, String> cookies = new LinkedHashMap<>();
        for (String field : fields) {
            for (String pair : field.split(";")) {
                int equals = pair.indexOf('=');
                if (equals > 0) {
                    String name = pair.substring(0, equals).strip();
                    String value = unquoted(pair.substring(equals + 1).strip());
                    if (FieldReader.isToken(name) && Cookie.isValue(value)) {
                        cookies.putIfAbsent(name, value);
                    }
                }
            }
        }
        return Collections.unmodifiableMap(cookies);
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return quoted ? value.substring(1, value.length() - 1) : value;
    }
}
