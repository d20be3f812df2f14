package org.handoff.http.internal.request;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import io.netty.handler.codec.http.HttpHeaders;
import org.handoff.worker.api.Headers;

/** The header fields of a request, as a handler sees them. */
final class ReceivedHeaders implements Headers {

    private final HttpHeaders fields;

    ReceivedHeaders(HttpHeaders fields) {
        this.fields = fields;
    }

    @Override
    public Optional<String> first(String name) {
        return Optional.ofNullable(fields.get(name));
    }

    @Override
    public List<String> all(String name) {
        return Collections.unmodifiableList(fields.getAll(name));
    }

    @Override
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        Set<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        for (Map.Entry<String, String> field : fields) {
            if (seen.add(field.getKey())) {
                names.add(field.getKey());
            }
        }
        return Collections.unmodifiableSet(names);
    }
}
