package org.handoff.monitor.internal;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.handoff.http.routing.ContextTable;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.RoutingProperties;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.TargetGroup;
import org.osgi.framework.Constants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routing table: the target of each context, from the services of groups of targets. Services come and go on any
 * thread; the event loop reads an immutable table, and gets a new one at its next lookup, or at once if it makes
 * none. So a thousand services that come together make one table, and each request sees all of them.
 */
final class Routes {

    private static final Logger LOG = LoggerFactory.getLogger(Routes.class);

    /** How long a context is expected back after its target has gone with its bundle, or after a start of Karaf. */
    private static final long EXPECTED_SECONDS = 60;

    private static final RouteLog.State EXPECTED = new RouteLog.State(
            "expected",
            "its target has gone with its bundle, or with Karaf's last stop, and is expected back for "
                    + EXPECTED_SECONDS + " s");

    /**
     * One context of one target.
     *
     * @param listen the address of a context that begins with {@link Target#TCP}; null for a path
     * @param shown further properties of the target, for people
     */
    record Route(
            String context,
            InetSocketAddress listen,
            String host,
            Target target,
            String name,
            String problem,
            int ranking,
            long service,
            Map<String, Object> shown) {

        private boolean isPath() {
            return listen == null;
        }
    }

    private final Map<Long, List<Route>> services = new TreeMap<>();
    /** The contexts whose targets are expected back, and the beginning of the wait. */
    private final Map<Remembered.Context, Long> expected = new TreeMap<>();

    private final Awaited awaited = new Awaited();
    private final Remembered remembered;
    private boolean closed;
    /** How often services have changed, and whether the loop has been asked to make a table of them. */
    private volatile long changes;

    private boolean asked;

    /** Held while a table is made, so that meanwhile services come and go without waiting for it. */
    private final Object making = new Object();

    private volatile long shown;
    private volatile List<Route> all = List.of();
    private volatile ContextTable<Route> table = ContextTable.of(List.of());
    /** The routes of contexts that begin with {@link Target#TCP}, by context. */
    private volatile Map<String, Route> addresses = Map.of();
    /** The routes without requests, as another one has their context: that one. */
    private volatile Map<Route, Route> shadowed = Map.of();

    private volatile Target sole;
    /** The foreign contexts last told to the targets. */
    private Map<Target, List<RoutedContext>> told = Map.of();

    private final Executor loop;
    private final Consumer<Map<String, Route>> listener;
    private final RouteLog log;

    /**
     * Begins with the remembered contexts.
     *
     * @param loop where targets are told about each other
     * @param listener gets the routes of addresses, by context, on the loop
     */
    Routes(Executor loop, Consumer<Map<String, Route>> listener, Remembered remembered, RouteLog log) {
        this.loop = loop;
        this.listener = listener;
        this.log = log;
        this.remembered = remembered;
        remembered.read().forEach(context -> expected.put(context, System.nanoTime()));
        // The table is made when it is first looked at, or when the loop runs.
        changes = expected.size();
    }

    /** A group of targets has come, or its members have changed. Asks for them here, so that none replace later ones. */
    synchronized void put(TargetGroup group, Map<String, Object> properties) {
        long service = (Long) properties.get(Constants.SERVICE_ID);
        services.put(
                service,
                group.members().stream()
                        .flatMap(one -> routes(one.target(), service, one.properties()).stream())
                        .toList());
        changed();
    }

    /** A service has gone. @param returns whether it is expected back, as it has not gone by itself */
    synchronized void remove(Map<String, Object> properties, boolean returns) {
        List<Route> gone = services.remove((Long) properties.get(Constants.SERVICE_ID));
        if (returns && gone != null) {
            gone.forEach(route -> expected.put(remembered(route), System.nanoTime()));
        }
        changed();
    }

    /** Ignores and does not remember further changes. */
    void close() {
        refresh();
        synchronized (this) {
            closed = true;
        }
    }

    /**
     * Drops contexts that were expected for too long, and the requests that wait for them. On the loop, once a second.
     */
    void sweep() {
        awaited.sweep();
        log.look(System.nanoTime());
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

    private synchronized void changed() {
        changes++;
        if (!asked) {
            asked = true;
            loop.execute(this::answer);
        }
    }

    private void answer() {
        synchronized (this) {
            asked = false;
        }
        refresh();
    }

    private void refresh() {
        if (shown != changes) {
            synchronized (making) {
                if (shown != changes) {
                    rebuild();
                }
            }
        }
    }

    /** The route of a request, or null. */
    Route find(String host, String path) {
        refresh();
        ContextTable.Entry<Route> entry = table.find(host, path);
        return entry == null ? null : entry.value();
    }

    /** The target of a context that begins with {@link Target#TCP}, or null. */
    Target at(String context) {
        refresh();
        Route route = addresses.get(context);
        return route == null ? null : route.target();
    }

    /** The target of all contexts, if there is only one, so that no request decides; otherwise null. */
    Target sole() {
        refresh();
        return sole;
    }

    /** All routes in the order of contexts, those that lost their context to another one included. */
    List<Route> all() {
        refresh();
        return all.stream()
                .sorted(Comparator.comparing(Route::context)
                        .thenComparing(Route::host)
                        .thenComparing(PRECEDENCE))
                .toList();
    }

    /** The route that has the context of this one in its place; null if requests reach this one. */
    Route shadowing(Route route) {
        refresh();
        return shadowed.get(route);
    }

    /** The order of OSGi services: higher ranking first, then the older one. */
    private static final Comparator<Route> PRECEDENCE =
            Comparator.comparingInt(Route::ranking).reversed().thenComparingLong(Route::service);

    /** Tells all targets about each other, on a loop that has just begun: what a former one was asked may be lost. */
    void tell() {
        synchronized (this) {
            asked = false;
        }
        synchronized (making) {
            told = Map.of();
            rebuild();
        }
    }

    private void rebuild() {
        List<Route> routes;
        long made;
        synchronized (this) {
            made = changes;
            if (closed) {
                shown = made;
                return;
            }
            routes = current();
        }
        all = routes;
        List<Route> paths = routes.stream().filter(Route::isPath).toList();
        remembered.write(paths.stream().map(Routes::remembered).toList());
        ContextTable<Route> next = ContextTable.of(paths.stream()
                .map(route -> new ContextTable.Entry<>(route.context(), route.host(), route))
                .toList());
        Map<String, Route> listened = new HashMap<>();
        routes.stream().filter(route -> !route.isPath()).forEach(route -> listened.putIfAbsent(route.context(), route));
        shadowed = shadowed(
                routes,
                Stream.concat(next.entries().stream().map(ContextTable.Entry::value), listened.values().stream()));
        log.update(states(routes), System.nanoTime());
        Map<Target, List<RoutedContext>> foreignContexts = ForeignContexts.of(next.entries());
        sole = foreignContexts.size() == 1 ? foreignContexts.keySet().iterator().next() : null;
        table = next;
        addresses = listened;
        shown = made;
        loop.execute(() -> {
            listener.accept(listened);
            awaited.routesChanged();
        });
        foreignContexts.forEach((target, contexts) -> {
            if (!contexts.equals(told.get(target))) {
                loop.execute(() -> target.foreignContexts(contexts));
            }
        });
        told = foreignContexts;
    }

    private static Map<Route, Route> shadowed(List<Route> all, Stream<Route> serving) {
        Map<RoutedContext, Route> owners = new HashMap<>();
        serving.forEach(one -> owners.put(new RoutedContext(one.context(), one.host()), one));
        Map<Route, Route> shadowed = new IdentityHashMap<>();
        all.forEach(one -> {
            Route owner = owners.get(new RoutedContext(one.context(), one.host()));
            if (owner != one) {
                shadowed.put(one, owner);
            }
        });
        return shadowed;
    }

    /** The states that no target knows of its own contexts. */
    private Map<RouteLog.Key, RouteLog.State> states(List<Route> routes) {
        Map<RouteLog.Key, RouteLog.State> states = new HashMap<>();
        for (Route route : routes) {
            Route owner = shadowed.get(route);
            if (route.target() == awaited) {
                states.put(key(route), EXPECTED);
            } else if (owner != null
                    && route.problem().isEmpty()
                    // A pool's context that gets another target has both for a moment.
                    && !owner.name().equals(route.name())) {
                states.put(
                        key(route),
                        new RouteLog.State(
                                "shadowed",
                                owner.name() + " has this context; withdraw one of the two, or give it another context "
                                        + "or host"));
            }
        }
        return states;
    }

    private static RouteLog.Key key(Route route) {
        return new RouteLog.Key(route.host(), route.context(), route.name());
    }

    /** The routes of all services, and of those that are expected back. */
    private List<Route> current() {
        List<Route> routes = new ArrayList<>(services.values().stream()
                .flatMap(List::stream)
                .sorted(PRECEDENCE)
                .toList());
        // A context that has a target again, whichever, is not missed any more.
        Set<RoutedContext> had = routes.stream()
                .map(route -> new RoutedContext(route.context(), route.host()))
                .collect(Collectors.toSet());
        expected.keySet().removeIf(gone -> had.contains(new RoutedContext(gone.context(), gone.host())));
        expected.forEach((gone, since) -> routes.add(new Route(
                gone.context(),
                addressOf(gone.context()),
                gone.host(),
                awaited,
                gone.target(),
                EXPECTED.reason(),
                Integer.MIN_VALUE,
                0,
                Map.of(Target.STATE, EXPECTED.words()))));
        return routes;
    }

    private static List<Route> routes(Target target, long service, Map<String, Object> properties) {
        Object ranking = properties.get(Constants.SERVICE_RANKING);
        Object problem = properties.get(Target.PROBLEM);
        RoutingProperties routing = RoutingProperties.of(
                properties::get,
                fault -> LOG.error(
                        "A target of {} (service {}) is not routed: {}", properties.get(Target.NAME), service, fault));
        return routing.contexts().stream()
                .map(one -> new Route(
                        one.context(),
                        addressOf(one.context()),
                        one.host(),
                        target,
                        routing.name(),
                        problem == null ? "" : problem.toString(),
                        ranking instanceof Integer number ? number : 0,
                        service,
                        properties))
                .toList();
    }

    /** The address in a context; null if it is a path. */
    private static InetSocketAddress addressOf(String context) {
        return context.startsWith(Target.TCP) ? RoutingProperties.address(context) : null;
    }
}
