package org.handoff.worker.api.testing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

import org.handoff.worker.api.Headers;

/** Header fields in the order they were added, whose names differ in more than letter case. */
final class TestHeaders implements Headers {

    private final Map<String, List<String>> values = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    private final Set<String> names = new LinkedHashSet<>();

    void add(String name, String value) {
        values.computeIfAbsent(name, first -> {
                    names.add(name);
                    return new ArrayList<>();
                })
                .add(value);
    }

    void set(String name, String value) {
        if (values.remove(name) != null) {
            names.removeIf(name::equalsIgnoreCase);
        }
        add(name, value);
    }

    @Override
    public Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    @Override
    public List<String> all(String name) {
        return Collections.unmodifiableList(values.getOrDefault(name, List.of()));
    }

    @Override
    public Set<String> names() {
        return Collections.unmodifiableSet(names);
    }
}
