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
import java.util.concurrent.TimeUnit;

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

    /** So long a context is expected back whose target has gone with its bundle, or that was there before the start. */
    private static final long EXPECTED_SECONDS = 60;

    /** One context of one target service. @param shown further properties of the service, for people */
    record Route(String context, String host, Target target, String name, String problem, int ranking, long service,
            Map<String, Object> shown) {
    }

    private final Map<Long, List<Route>> services = new TreeMap<>();
    /** The contexts whose targets are expected back, and since when. */
    private final Map<Remembered.Context, Long> expected = new TreeMap<>();
    private final Awaited awaited = new Awaited();
    private final Remembered remembered;
    private List<Route> all = List.of();
    private boolean closed;
    private volatile ContextTable<Route> table = ContextTable.of(List.of());
    private volatile Target sole;
    /** Whether services have changed since the table was made. */
    private volatile boolean stale;
    private final Executor loop;

    /**
     * Begins with what is remembered.
     *
     * @param loop where targets are told about each other
     */
    Routes(Executor loop, Remembered remembered) {
        this.loop = loop;
        this.remembered = remembered;
        remembered.read().forEach(context -> expected.put(context, System.nanoTime()));
        // The table is made when it is first looked at, or when the loop runs.
        stale = !expected.isEmpty();
    }

    /** A target service has come, or its properties have changed. */
    synchronized void put(Target target, Map<String, Object> properties) {
        long service = (Long) properties.get(Constants.SERVICE_ID);
        services.put(service, routes(target, service, properties));
        changed();
    }

    /** A target service has gone. @param returns whether it is expected back: it has not gone of its own accord */
    synchronized void remove(Map<String, Object> properties, boolean returns) {
        List<Route> gone = services.remove((Long) properties.get(Constants.SERVICE_ID));
        if (returns && gone != null) {
            gone.forEach(route -> expected.put(remembered(route), System.nanoTime()));
        }
        changed();
    }

    /** Whatever goes or comes now changes nothing any more, and is remembered. */
    synchronized void close() {
        refresh();
        closed = true;
    }

    /** Lets go of what was expected for too long, and of the requests that wait for it. On the loop, once a second. */
    void sweep() {
        awaited.sweep();
        synchronized (this) {
            long now = System.nanoTime();
            if (expected.values().removeIf(since -> now - since > TimeUnit.SECONDS.toNanos(EXPECTED_SECONDS))) {
                changed();
            }
        }
    }

    private static Remembered.Context remembered(Route route) {
        return new Remembered.Context(route.host(), route.context(), route.name());
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
        refresh();
        return all.stream()
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
        stale = false;
    }

    private void rebuild() {
        if (closed) {
            return;
        }
        List<Route> routes = new ArrayList<>(services.values().stream().flatMap(List::stream).sorted(PRECEDENCE)
                .toList());
        // Whoever has it now, it is not missed any more.
        routes.forEach(route -> expected.keySet().removeIf(gone -> route.context().equals(gone.context())
                && route.host().equals(gone.host())));
        expected.forEach((gone, since) -> routes.add(new Route(gone.context(), gone.host(), awaited, gone.target(),
                "it is expected back", Integer.MIN_VALUE, 0, Map.of(Target.STATE, "expected"))));
        all = routes;
        remembered.write(routes.stream().map(Routes::remembered).toList());
        List<ContextTable.Entry<Route>> entries = routes.stream()
                .map(route -> new ContextTable.Entry<>(route.context(), route.host(), route))
                .toList();
        ContextTable<Route> next = ContextTable.of(entries);
        Set<Target> targets = new LinkedHashSet<>();
        next.entries().forEach(entry -> targets.add(entry.value().target()));
        sole = targets.size() == 1 ? targets.iterator().next() : null;
        table = next;
        loop.execute(awaited::routesChanged);
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
                        ranking instanceof Integer number ? number : 0, service, properties));
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
