package org.handoff.lrwp.agent.internal.application;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.handoff.http.routing.ContextTable;

/**
 * The application of a path: by context, by extension if no context but the root matches, and by the root context. For
 * each of the three, applications for the request's host come first. Immutable.
 */
public final class ApplicationTable {

    private static final String ROOT = "/";

    private final ContextTable<Application> contexts;
    /** By host, and by extension with its dot. */
    private final Map<String, Map<String, Application>> extensions = new HashMap<>();

    private ApplicationTable(Collection<Application> applications) {
        List<ContextTable.Entry<Application>> entries = new ArrayList<>();
        for (Application application : applications) {
            if (application.isExtension()) {
                extensions
                        .computeIfAbsent(application.host(), host -> new HashMap<>())
                        .put(application.context(), application);
            } else {
                entries.add(new ContextTable.Entry<>(application.context(), application.host(), application));
            }
        }
        contexts = ContextTable.of(entries);
    }

    /** A table of these, each with its own context and host. */
    public static ApplicationTable of(Collection<Application> applications) {
        return new ApplicationTable(applications);
    }

    /** The application of a request, or null. */
    public Application find(String host, String path) {
        return find(host, path, ContextTable.of(List.of()));
    }

    /**
     * The application of a request, if other targets have contexts too.
     *
     * @param others the contexts of other targets
     * @return null if there is none, or another target comes first
     */
    public Application find(String host, String path, ContextTable<?> others) {
        ContextTable.Entry<Application> own = contexts.find(host, path);
        ContextTable.Entry<?> other = others.find(host, path);
        if (other != null && (own == null || !isBefore(own, other))) {
            return null;
        }
        if (own != null && !own.context().equals(ROOT)) {
            return own.value();
        }
        Application byExtension = extensions.isEmpty() ? null : byExtension(host, path);
        return byExtension != null ? byExtension : own == null ? null : own.value();
    }

    private static boolean isBefore(ContextTable.Entry<?> one, ContextTable.Entry<?> other) {
        if (one.host().isEmpty() != other.host().isEmpty()) {
            return other.host().isEmpty();
        }
        return one.context().length() > other.context().length()
                && !other.context().equals(one.context());
    }

    private Application byExtension(String host, String path) {
        int dot = path.lastIndexOf('.');
        if (dot < path.lastIndexOf('/')) {
            return null;
        }
        String extension = path.substring(dot);
        Application forHost = extensions.getOrDefault(host, Map.of()).get(extension);
        return forHost != null ? forHost : extensions.getOrDefault("", Map.of()).get(extension);
    }
}
