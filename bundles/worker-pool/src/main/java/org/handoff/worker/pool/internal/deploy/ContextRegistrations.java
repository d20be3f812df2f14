package org.handoff.worker.pool.internal.deploy;

import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Hashtable;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.handoff.http.routing.ContextTable;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.TargetGroup;
import org.handoff.worker.pool.internal.dispatch.WaitingRoom;
import org.handoff.worker.pool.internal.plan.ContextLine;
import org.handoff.worker.pool.internal.plan.ContextLog;
import org.handoff.worker.pool.internal.plan.Place;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool's contexts as groups of targets: registers new ones, and withdraws those that are gone. Contexts that come
 * together make one group, so that a group is as old as each of its targets: of two targets with one context and
 * ranking, the older one serves.
 */
public final class ContextRegistrations {

    private static final Logger LOG = LoggerFactory.getLogger(ContextRegistrations.class);

    /** For a context whose code has failed: the request is right, and may be served later. */
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

    /** @param since when its state began: milliseconds since 1970 */
    private record Registered(ContextLine line, long since, Target target, Group group) {}

    /** The contexts that have got their targets by one update, as far as they still have them. */
    private static final class Group implements TargetGroup {

        private final Map<ContextLine.Key, Member> now = new HashMap<>();
        private volatile List<Member> members = List.of();
        private ServiceRegistration<TargetGroup> registration;

        @Override
        public List<Member> members() {
            return members;
        }

        private void register(BundleContext context, Dictionary<String, Object> properties) {
            members = List.copyOf(now.values());
            registration = context.registerService(TargetGroup.class, this, properties);
        }

        private void changed(Dictionary<String, Object> properties) {
            if (now.isEmpty()) {
                // With its last members: what becomes of their contexts depends on why they go.
                registration.unregister();
            } else {
                members = List.copyOf(now.values());
                registration.setProperties(properties);
            }
        }
    }

    /** What an update has to do beside noting what is registered. */
    private static final class Update {

        private final Group fresh = new Group();
        private final Set<Group> changed = new LinkedHashSet<>();
        private final List<WaitingRoom> left = new ArrayList<>();

        private void remove(ContextLine.Key key, Registered gone) {
            gone.group().now.remove(key);
            changed.add(gone.group());
            if (gone.target() instanceof WaitingRoom room) {
                left.add(room);
            }
        }
    }

    private final BundleContext context;
    private final String name;
    private final Target pool;
    private final Supplier<WaitingRoom> rooms;
    private final Map<ContextLine.Key, Registered> registered = new HashMap<>();
    private volatile long retryAt = System.nanoTime();

    /** The contexts of a pool that serves none of them. */
    public ContextRegistrations(BundleContext context, String name) {
        this(context, name, null, () -> {
            throw new IllegalStateException("pool " + name + " has no waiting room");
        });
    }

    /**
     * @param pool the target for served contexts
     * @param rooms makes waiting rooms for contexts whose code is on its way
     */
    public ContextRegistrations(BundleContext context, String name, Target pool, Supplier<WaitingRoom> rooms) {
        this.context = context;
        this.name = name;
        this.pool = pool;
        this.rooms = rooms;
    }

    /**
     * The context of a pool of peers without an agent.
     *
     * @param name as peers register it
     * @return empty for an extension, or an impossible context
     */
    public static List<ContextLine> ofPeers(String name, String problem) {
        try {
            return name.startsWith(".")
                    ? List.of()
                    : List.of(ContextLine.failed(
                            new Place("", ContextTable.validContext(name.startsWith("/") ? name : "/" + name)),
                            "peers",
                            problem));
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    /**
     * The time of the next attempt with failed code, by {@link System#nanoTime}: clients are told to wait until then.
     */
    void retryAt(long nanoTime) {
        retryAt = nanoTime;
    }

    /**
     * Registers these contexts, and withdraws all others. New ones come before any go, so that a context that passes
     * from one target to another always has one.
     */
    public synchronized void update(List<ContextLine> lines) {
        Map<ContextLine.Key, ContextLine> next = new HashMap<>();
        lines.forEach(line -> next.put(line.key(), line));
        Map<ContextLine.Key, ContextLine> former = new HashMap<>();
        registered.forEach((key, now) -> former.put(key, now.line()));
        ContextLog.lines(name, former, next).forEach(LOG::info);
        Update update = new Update();
        registered.forEach((key, now) -> {
            if (!next.containsKey(key)) {
                update.remove(key, now);
            }
        });
        registered.keySet().retainAll(next.keySet());
        next.forEach((key, then) -> {
            Registered now = registered.get(key);
            if (now == null || !now.line().equals(then)) {
                registered.put(key, change(key, now, then, update));
            }
        });
        if (!update.fresh.now.isEmpty()) {
            update.fresh.register(context, properties());
        }
        update.changed.forEach(group -> group.changed(properties()));
        update.left.forEach(WaitingRoom::close);
    }

    /** @param now the registered context; null for none */
    private Registered change(ContextLine.Key key, Registered now, ContextLine then, Update update) {
        boolean lasts = now != null && then.isInStateOf(now.line());
        long since = lasts ? now.since() : System.currentTimeMillis();
        boolean stays = now != null && isFor(now.target(), then);
        if (now != null && !stays) {
            update.remove(key, now);
        }
        Target target = stays ? now.target() : then.served() ? pool : waits(then) ? rooms.get() : unavailable;
        Group group = stays ? now.group() : update.fresh;
        group.now.put(key, new TargetGroup.Member(target, properties(then, since)));
        if (stays) {
            update.changed.add(group);
        }
        return new Registered(then, since, target, group);
    }

    /** Those of a group's service: its owner, for people. */
    private Dictionary<String, Object> properties() {
        return new Hashtable<>(Map.of(Target.NAME, "pool " + name));
    }

    private boolean isFor(Target target, ContextLine line) {
        return line.served() ? target == pool : waits(line) == target instanceof WaitingRoom && target != pool;
    }

    /** Whether its code is on its way: requests may wait for it. */
    private static boolean waits(ContextLine line) {
        return !line.served()
                && (line.state() == ContextLine.State.STARTING || line.state() == ContextLine.State.WAITING);
    }

    private Map<String, Object> properties(ContextLine line, long since) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(Target.CONTEXT, line.place().context());
        properties.put(Target.HOST, line.place().host());
        properties.put(Target.NAME, "pool " + name);
        properties.put(Target.STATE, line.state().toString());
        properties.put(Target.SINCE, since);
        properties.put(Target.SERVES, line.serves());
        properties.put(Target.WANTED, line.wanted());
        properties.put(Target.PROBLEM, line.problem());
        line.retryAt()
                .ifPresent(at -> properties.put(
                        Target.RETRY,
                        System.currentTimeMillis() + TimeUnit.NANOSECONDS.toMillis(at - System.nanoTime())));
        // Of several services for one context, the serving one comes first; and one that has the context before one
        // that has lost it.
        properties.put(
                Constants.SERVICE_RANKING, line.served() ? 0 : line.state() == ContextLine.State.SHADOWED ? -2 : -1);
        return properties;
    }
}
