package org.handoff.worker.pool.internal.servlet;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.handoff.http.routing.ContextTable;

/** The contexts of URLs that the services of the Whiteboard answer. */
final class ServletContexts {

    /** The name of the servlet context that each Whiteboard has by itself. */
    static final String DEFAULT = "default";

    /** That servlet context. */
    static final Map<String, Object> DEFAULT_CONTEXT =
            Map.of(WhiteboardDeclaration.CONTEXT_NAME, DEFAULT, WhiteboardDeclaration.CONTEXT_PATH, "/");

    private final List<Map<String, Object>> contexts = new ArrayList<>();

    /** @param application the services that workers have, of which some are servlet contexts */
    ServletContexts(Collection<WhiteboardDeclaration> application) {
        application.stream()
                .filter(WhiteboardDeclaration::isContext)
                .map(WhiteboardDeclaration::properties)
                .forEach(contexts::add);
        if (contexts.stream().noneMatch(one -> DEFAULT.equals(one.get(WhiteboardDeclaration.CONTEXT_NAME)))) {
            contexts.add(DEFAULT_CONTEXT);
        }
    }

    /**
     * The contexts of those that have a pattern, in order.
     *
     * @throws IllegalArgumentException if one has a path that is no context
     */
    List<String> of(Collection<WhiteboardDeclaration> services) {
        Set<String> found = new TreeSet<>();
        for (WhiteboardDeclaration service : services) {
            for (Map<String, Object> context : contexts) {
                if (service.selects(context)) {
                    String path = String.valueOf(context.get(WhiteboardDeclaration.CONTEXT_PATH));
                    service.patterns().stream()
                            .map(pattern -> context(path, pattern))
                            .forEach(found::add);
                }
            }
        }
        return List.copyOf(found);
    }

    /** The context within which a pattern matches: its path, or all of the servlet context. */
    static String context(String path, String pattern) {
        String base = path.equals("/") ? "" : path;
        String fixed = pattern.endsWith("/*") ? pattern.substring(0, pattern.length() - 2) : pattern;
        String context = fixed.startsWith("/") && fixed.length() > 1 ? base + fixed : base;
        return context.isEmpty() ? "/" : ContextTable.validContext(context);
    }
}
