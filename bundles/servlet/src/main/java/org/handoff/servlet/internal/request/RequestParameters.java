package org.handoff.servlet.internal.request;

import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.handoff.worker.api.HttpException;
import org.handoff.worker.api.Parameters;

/** The parameters of a query and of a posted form, the query's first. */
final class RequestParameters {

    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private int count;

    /** @throws HttpException if an encoding is malformed, or there are too many */
    void add(String encoded, Charset charset) {
        if (charset.equals(StandardCharsets.UTF_8)) {
            Parameters decoded = Parameters.parse(encoded);
            for (String name : decoded.names()) {
                decoded.all(name).forEach(value -> add(name, value));
            }
            return;
        }
        for (String one : encoded.split("&")) {
            if (!one.isEmpty()) {
                String[] parts = one.split("=", 2);
                add(decode(parts[0], charset), parts.length < 2 ? "" : decode(parts[1], charset));
            }
        }
    }

    private static String decode(String encoded, Charset charset) {
        try {
            return URLDecoder.decode(encoded, charset);
        } catch (IllegalArgumentException e) {
            throw new HttpException(400, "a malformed parameter", e);
        }
    }

    private void add(String name, String value) {
        if (++count > Parameters.MOST) {
            throw new HttpException(400, "more than " + Parameters.MOST + " parameters");
        }
        values.computeIfAbsent(name, first -> new ArrayList<>(1)).add(value);
    }

    Map<String, String[]> map() {
        Map<String, String[]> map = new LinkedHashMap<>();
        values.forEach((name, its) -> map.put(name, its.toArray(String[]::new)));
        return map;
    }
}
