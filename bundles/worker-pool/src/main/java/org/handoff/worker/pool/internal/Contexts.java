package org.handoff.worker.pool.internal;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.handoff.http.routing.ContextTable;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.Target;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;

/** A pool's contexts as target services: registers those that have come, withdraws those that have gone. */
final class Contexts {

    /** For a context that has a handler which does not run: the request is right, and it may be served later. */
    private final Target unavailable = new Target() {
        @Override
        public void take(Connection connection) {
            long in = retryAt - System.nanoTime();
            connection.unavailable((int) Math.max(1, TimeUnit.NANOSECONDS.toSeconds(in) + 1));
        }

        @Override
        public String toString() {
            return "unavailable";
        }
    };

    /**
     * What one handler's context is to look like.
     *
     * @param served whether workers serve it
     * @param problem for {@code monitor:contexts}; empty for none
     */
    record Wanted(String context, String host, String handler, boolean served, String problem) {

        Key key() {
            return new Key(context, host, handler);
        }
    }

    record Key(String context, String host, String handler) {
    }

    private record Registered(Wanted wanted, ServiceRegistration<Target> registration) {
    }

    private final BundleContext context;
    private final String name;
    private final Target pool;
    private final Map<Key, Registered> registered = new HashMap<>();
    private volatile long retryAt = System.nanoTime();

    /** The contexts of a pool that serves none of them. */
    Contexts(BundleContext context, String name) {
        this(context, name, null);
    }

    /** @param pool the target that takes what workers serve */
    Contexts(BundleContext context, String name, Target pool) {
        this.context = context;
        this.name = name;
        this.pool = pool;
    }

    /**
     * The context of a pool of peers that has none.
     *
     * @param name as peers register it
     * @return empty where that is no context: an extension, or one that is not possible
     */
    static List<Wanted> ofPeers(String name, String problem) {
        try {
            return name.startsWith(".") ? List.of() : List.of(new Wanted(
                    ContextTable.validContext(name.startsWith("/") ? name : "/" + name), "", "peers", false, problem));
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    /** What is not served is tried again then, by {@link System#nanoTime}: clients are told to wait so long. */
    void retryAt(long nanoTime) {
        retryAt = nanoTime;
    }

    /**
     * Makes the registered services be these and no others. What is new comes before anything goes, so that there is
     * no moment without a target for a context that passes from one to another.
     */
    synchronized void update(List<Wanted> wanted) {
        Map<Key, Wanted> next = new HashMap<>();
        wanted.forEach(one -> next.put(one.key(), one));
        List<Registered> gone = new ArrayList<>();
        registered.forEach((key, now) -> {
            if (!next.containsKey(key)) {
                gone.add(now);
            }
        });
        registered.keySet().retainAll(next.keySet());
        next.forEach((key, then) -> {
            Registered now = registered.get(key);
            if (now == null) {
                registered.put(key, register(then));
            } else if (then.served() != now.wanted().served()) {
                registered.put(key, register(then));
                gone.add(now);
            } else if (!then.equals(now.wanted())) {
                now.registration().setProperties(properties(then));
                registered.put(key, new Registered(then, now.registration()));
            }
        });
        gone.forEach(one -> one.registration().unregister());
    }

    private Registered register(Wanted wanted) {
        return new Registered(wanted,
                context.registerService(Target.class, wanted.served() ? pool : unavailable, properties(wanted)));
    }

    /** Withdraws those whose handler is not among these; the others stay as they are. */
    synchronized void retainHandlers(List<Wanted> wanted) {
        List<Key> keys = wanted.stream().map(Wanted::key).toList();
        List<Wanted> rest = new ArrayList<>();
        registered.forEach((key, one) -> {
            if (keys.contains(key)) {
                rest.add(one.wanted());
            }
        });
        update(rest);
    }

    private Dictionary<String, Object> properties(Wanted wanted) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(Target.CONTEXT, wanted.context());
        properties.put(Target.HOST, wanted.host());
        properties.put(Target.NAME, "pool " + name);
        properties.put(Target.PROBLEM, wanted.problem());
        // Where several handlers want one context, the one that is served comes first.
        properties.put(Constants.SERVICE_RANKING, wanted.served() ? 0 : -1);
        return properties;
    }
}
