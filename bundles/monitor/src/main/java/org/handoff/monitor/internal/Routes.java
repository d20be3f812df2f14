package org.handoff.monitor.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;

import org.handoff.http.routing.ContextTable;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.Target;
import org.osgi.framework.Constants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routing table: which target has which context, from the target services' properties. Services come and go on any
 * thread; the event loop reads a table that never changes, and gets a new one: when it next looks for a target, or at
 * once where it does not. So a thousand services that come together make one table, and no request misses one of them.
 */
final class Routes {

    private static final Logger LOG = LoggerFactory.getLogger(Routes.class);

    /** One context of one target service. */
    record Route(String context, String host, Target target, String name, String problem, int ranking, long service) {
    }

    private final Map<Long, List<Route>> services = new TreeMap<>();
    private volatile ContextTable<Route> table = ContextTable.of(List.of());
    private volatile Target sole;
    /** Whether services have changed since the table was made. */
    private volatile boolean stale;
    private final Executor loop;

    /** @param loop where targets are told about each other */
    Routes(Executor loop) {
        this.loop = loop;
    }

    /** A target service has come, or its properties have changed. */
    synchronized void put(Target target, Map<String, Object> properties) {
        long service = (Long) properties.get(Constants.SERVICE_ID);
        services.put(service, routes(target, service, properties));
        changed();
    }

    /** A target service has gone. */
    synchronized void remove(Map<String, Object> properties) {
        services.remove((Long) properties.get(Constants.SERVICE_ID));
        changed();
    }

    private void changed() {
        if (!stale) {
            stale = true;
            loop.execute(this::refresh);
        }
    }

    private void refresh() {
        if (stale) {
            renew();
        }
    }

    private synchronized void renew() {
        if (stale) {
            rebuild();
            stale = false;
        }
    }

    /** The target of a request, or null. */
    Target find(String host, String path) {
        refresh();
        ContextTable.Entry<Route> entry = table.find(host, path);
        return entry == null ? null : entry.value().target();
    }

    /** The target of all contexts, where there is only one: there is nothing to decide then. Else null. */
    Target sole() {
        refresh();
        return sole;
    }

    /** All routes, those that lost their context to another one too, in the order of contexts. */
    synchronized List<Route> all() {
        return services.values().stream().flatMap(List::stream)
                .sorted(Comparator.comparing(Route::context).thenComparing(Route::host).thenComparing(PRECEDENCE))
                .toList();
    }

    /** Whether requests reach this route. */
    boolean isServing(Route route) {
        refresh();
        return table.entries().stream().anyMatch(entry -> entry.value() == route);
    }

    /** The order of OSGi services: higher ranking first, then the older one. */
    private static final Comparator<Route> PRECEDENCE =
            Comparator.comparingInt(Route::ranking).reversed().thenComparingLong(Route::service);

    /** Tells all targets about each other, where somebody could not be told before. */
    synchronized void tell() {
        rebuild();
    }

    private void rebuild() {
        List<ContextTable.Entry<Route>> entries = services.values().stream().flatMap(List::stream)
                .sorted(PRECEDENCE)
                .map(route -> new ContextTable.Entry<>(route.context(), route.host(), route))
                .toList();
        ContextTable<Route> next = ContextTable.of(entries);
        Set<Target> targets = new LinkedHashSet<>();
        next.entries().forEach(entry -> targets.add(entry.value().target()));
        sole = targets.size() == 1 ? targets.iterator().next() : null;
        table = next;
        targets.forEach(target -> {
            List<RoutedContext> elsewhere = elsewhere(target, next.entries());
            loop.execute(() -> target.elsewhere(elsewhere));
        });
    }

    /** What a target must not answer though a context of its own may match. */
    private static List<RoutedContext> elsewhere(Target target, List<ContextTable.Entry<Route>> entries) {
        ContextTable<Route> own = ContextTable.of(entries.stream()
                .filter(entry -> entry.value().target() == target).toList());
        return entries.stream()
                .filter(entry -> entry.value().target() != target)
                .filter(entry -> !entry.host().isEmpty() || own.find("", entry.context()) != null)
                .map(entry -> new RoutedContext(entry.context(), entry.host()))
                .toList();
    }

    private static List<Route> routes(Target target, long service, Map<String, Object> properties) {
        Object ranking = properties.get(Constants.SERVICE_RANKING);
        List<Route> routes = new ArrayList<>();
        for (String context : strings(properties.get(Target.CONTEXT))) {
            try {
                routes.add(new Route(ContextTable.validContext(context),
                        text(properties.get(Target.HOST)).toLowerCase(Locale.ROOT), target,
                        text(properties.get(Target.NAME)), text(properties.get(Target.PROBLEM)),
                        ranking instanceof Integer number ? number : 0, service));
            } catch (IllegalArgumentException e) {
                LOG.error("The target service {} ({}) is not routed: {}", service, properties.get(Target.NAME),
                        e.getMessage());
            }
        }
        return routes;
    }

    private static List<String> strings(Object property) {
        return property instanceof String[] several ? List.of(several)
                : property instanceof String one ? List.of(one) : List.of();
    }

    private static String text(Object property) {
        return property == null ? "" : property.toString();
    }
}
