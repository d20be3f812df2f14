package org.handoff.worker.pool.internal.servlet;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.osgi.framework.Bundle;
import org.osgi.framework.Filter;

/**
 * The services of the Whiteboard that a pool's workers have: all those of the bundles that belong together.
 *
 * @param services the oldest bundle's first
 * @param leftOut those of these bundles, and those that the filter selects, that workers do not have
 * @param whiteboard what the Whiteboard of the pool says of itself
 */
record Application(
        List<WhiteboardDeclaration> services, List<WhiteboardDeclaration> leftOut, Map<String, Object> whiteboard) {

    /**
     * The application that a pool's filter selects: the bundles of the services that it selects, those of all servlet
     * contexts that these services use, and whatever bundle has a service for a context of the application, as its
     * filters may guard it. So may the bundles that come along have services for contexts of further bundles; such a
     * context comes along where the service would have none otherwise. A default servlet context, as a web container has,
     * brings nothing along: workers have their own.
     */
    static Application of(List<WhiteboardDeclaration> declared, Filter servlets, Map<String, Object> whiteboard) {
        List<WhiteboardDeclaration> all = declared.stream()
                .filter(one -> one.leftOut(whiteboard).isEmpty())
                .toList();
        List<WhiteboardDeclaration> selected = declared.stream()
                .filter(one -> one.isSelectedBy(servlets) && !one.isDefault())
                .toList();
        Set<Bundle> bundles = bundles(selected);
        all.stream()
                .filter(one -> one.isContext() && !one.isDefault() && isSelectedByOne(selected, one))
                .forEach(one -> bundles.add(one.bundle()));
        List<WhiteboardDeclaration> services = of(bundles, all);
        while (bundles.addAll(bundles(related(services, all)))) {
            services = of(bundles, all);
        }
        return new Application(
                services,
                of(bundles, declared).stream()
                        .filter(one -> !one.leftOut(whiteboard).isEmpty())
                        .toList(),
                whiteboard);
    }

    boolean isEmpty() {
        return services.isEmpty() && leftOut.isEmpty();
    }

    /** What is left out, and why, for people; empty for nothing. */
    String remark() {
        return leftOut.isEmpty()
                ? ""
                : leftOut.stream()
                        .map(one -> one.describe() + ": " + one.leftOut(whiteboard))
                        .collect(Collectors.joining("; ", "left out: ", ""));
    }

    private static List<WhiteboardDeclaration> of(Set<Bundle> bundles, List<WhiteboardDeclaration> all) {
        return all.stream().filter(one -> bundles.contains(one.bundle())).toList();
    }

    private static Set<Bundle> bundles(List<WhiteboardDeclaration> services) {
        return services.stream().map(WhiteboardDeclaration::bundle).collect(Collectors.toCollection(HashSet::new));
    }

    /** What services belong to together with these, which are all of their bundles. */
    private static List<WhiteboardDeclaration> related(
            List<WhiteboardDeclaration> services, List<WhiteboardDeclaration> all) {
        List<WhiteboardDeclaration> contexts = services.stream()
                .filter(one -> one.isContext() && !one.isDefault())
                .toList();
        List<WhiteboardDeclaration> without = services.stream()
                .filter(one -> !one.selects(ServletContexts.DEFAULT_CONTEXT)
                        && contexts.stream().noneMatch(context -> one.selects(context.properties())))
                .toList();
        return all.stream()
                .filter(one -> contexts.stream().anyMatch(context -> one.selects(context.properties()))
                        || one.isContext() && !one.isDefault() && isSelectedByOne(without, one))
                .toList();
    }

    private static boolean isSelectedByOne(List<WhiteboardDeclaration> services, WhiteboardDeclaration context) {
        return services.stream().anyMatch(one -> one.selects(context.properties()));
    }
}
