package org.handoff.worker.pool.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.osgi.framework.Version;

/** A Karaf and a pool that are only told of, and a clock that the test moves. */
final class Deployments {

    enum Kind {
        GOOD,
        /** Karaf does not have it ready: unresolved, starting, waiting for a service, broken. */
        NOT_READY,
        /** It does not start, and its worker says so. */
        FAILING,
        /** Its worker ends before it is ready. */
        DYING,
        /** Its worker is never ready. */
        NEVER,
        /** With it, others fail. */
        POISON
    }

    static final long SETTLE = TimeUnit.SECONDS.toNanos(5);
    /** How long a worker may take to be ready. */
    static final long TRY = TimeUnit.SECONDS.toNanos(60);

    private static final WorkerSettings SETTINGS = WorkerSettings.of(TestPoolConfig.of(Map.of()), Map.of());
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private record Bundle(
            long id, String name, int version, Kind kind, String context, String provider, long modified) {}

    final List<String> history = new ArrayList<>();
    private Reconciler reconciler = new Reconciler();
    private final Map<Long, Bundle> bundles = new HashMap<>();
    private final Map<Code, Kind> kinds = new HashMap<>();
    Generation current;
    private Generation next;
    private long nextSince;
    long now = -1000;
    private long lastId;
    int rolls;
    private boolean quiet;
    /** Runs where the pool would publish the states of contexts. */
    Runnable published = () -> {};

    long deploy(String name, int version, Kind kind) {
        return deploy(name, version, kind, "/" + name);
    }

    long deploy(String name, int version, Kind kind, String context) {
        bundles.put(++lastId, new Bundle(lastId, name, version, kind, context, "", now));
        happened("deploy " + bundles.get(lastId));
        return lastId;
    }

    void update(String name, int version, Kind kind) {
        Bundle before = bundles.values().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
        bundles.put(before.id(), new Bundle(before.id(), name, version, kind, before.context(), "", ++now));
        happened("update " + bundles.get(before.id()));
    }

    void mend(long id) {
        Bundle before = bundles.get(id);
        bundles.put(id, new Bundle(id, before.name(), before.version(), Kind.GOOD, before.context(), "", ++now));
        happened("mend " + before);
    }

    void provide(long id, String provider) {
        Bundle before = bundles.get(id);
        bundles.put(
                id,
                new Bundle(
                        id,
                        before.name(),
                        before.version(),
                        before.kind(),
                        before.context(),
                        provider,
                        before.modified()));
        happened("another service for " + before);
    }

    void uninstall(long id) {
        happened("uninstall " + bundles.remove(id));
    }

    /** A new life of the pool, in which all of this happens before its first plan. */
    void restart(Runnable meanwhile) {
        reconciler = new Reconciler();
        current = null;
        next = null;
        quiet = true;
        meanwhile.run();
        quiet = false;
        happened("restart");
    }

    /** Time passes; whoever waits for a moment gets it. */
    void pass(int seconds) {
        long end = now + seconds * SECOND;
        while (now < end) {
            long wake = reconciler.wakeIn(SETTLE, now);
            long soonest = wake > 0 ? Math.min(end, now + wake) : end;
            now = next == null ? soonest : Math.min(soonest, Math.max(now + 1, nextSince + TRY));
            happened("");
        }
    }

    private void happened(String what) {
        if (!what.isEmpty()) {
            history.add(what);
        }
        if (!quiet) {
            plan();
            work();
        }
    }

    private List<Want> wants() {
        return bundles.values().stream()
                .sorted((a, b) -> Long.compare(a.id(), b.id()))
                .map(one -> {
                    Version version = new Version(1, 0, one.version());
                    Want want =
                            new Want(one.name(), version, one.id(), "C", "", List.of(one.context()), null, "a service");
                    if (one.kind() == Kind.NOT_READY) {
                        return want;
                    }
                    Code code = new Code(
                            one.name(),
                            want.label(),
                            "C",
                            List.of(Path.of(one.id() + "-" + one.modified() + ".jar"), Path.of("-" + one.provider())));
                    kinds.put(code, one.kind());
                    return new Want(one.name(), version, one.id(), "C", "", want.contexts(), code, "");
                })
                .toList();
    }

    private void plan() {
        Reconciler.Step step = reconciler.plan(wants(), SETTINGS, SETTLE, now);
        switch (step.kind()) {
            case STAY -> {}
            case NOTHING_TO_SERVE -> {
                current = null;
                next = null;
            }
            case ROLL -> {
                next = step.generation() == current ? null : step.generation();
                nextSince = now;
                rolls++;
            }
        }
        published.run();
    }

    /** Lets the pool do all that takes no time. */
    private void work() {
        while (next != null) {
            Generation tried = next;
            if (has(tried, Kind.NEVER)) {
                if (now - nextSince < TRY) {
                    return;
                }
                next = null;
                reconciler.crashed(tried, "not ready in time", 9 * TRY, now);
            } else if (has(tried, Kind.DYING)) {
                reconciler.startFailed(tried, "exit status 7");
                published.run();
                next = null;
                reconciler.crashed(tried, "exit status 7", 0, now);
            } else {
                ready(tried);
            }
            plan();
        }
    }

    private void ready(Generation tried) {
        Map<HandlerPlan, String> failed = new HashMap<>();
        tried.handlers().stream()
                .filter(one -> kinds.get(one.code()) == Kind.FAILING
                        || has(tried, Kind.POISON) && kinds.get(one.code()) == Kind.GOOD)
                .forEach(one -> failed.put(one, "no package x"));
        next = null;
        if (reconciler.accepts(tried, failed)) {
            current = tried;
            reconciler.accepted(tried, failed);
            published.run();
        } else {
            reconciler.refused(tried, failed, now);
        }
    }

    private boolean has(Generation generation, Kind kind) {
        return generation.handlers().stream().anyMatch(one -> kinds.get(one.code()) == kind);
    }

    List<ContextLine> lines() {
        return reconciler.contexts();
    }

    /** The line of who has a context; null for none. */
    ContextLine line(String context) {
        return lines().stream()
                .filter(one -> one.place().context().equals(context))
                .filter(one -> one.state() != ContextLine.State.SHADOWED)
                .findFirst()
                .orElse(null);
    }

    /** The version that answers; null for none. */
    String serving(String context) {
        ContextLine line = line(context);
        if (line == null || !line.served()) {
            return null;
        }
        HandlerPlan plan = current.handlers().stream()
                .filter(one -> one.contexts().contains(context))
                .findFirst()
                .orElseThrow(() -> new AssertionError("it is said that " + context + " is served"));
        assertTrue(line.serves().equals(plan.code().label()), line.toString());
        return line.serves().split(" ")[1];
    }

    // ---- the random walk

    private static final String[] NAMES = {"a", "b", "c"};
    private static final Kind[] KINDS = {Kind.GOOD, Kind.GOOD, Kind.NOT_READY, Kind.FAILING, Kind.DYING, Kind.NEVER};

    void randomStep(Random random) {
        Map<String, String> before = new HashMap<>();
        for (String name : NAMES) {
            before.put(name, serving("/" + name));
        }
        List<Long> ids = List.copyOf(bundles.keySet());
        int version = history.size() + 1;
        Kind kind = KINDS[random.nextInt(KINDS.length)];
        switch (ids.isEmpty() ? 0 : random.nextInt(7)) {
            case 0 -> deploy(NAMES[random.nextInt(NAMES.length)], version, kind);
            case 1 -> {
                Bundle one = bundles.get(ids.get(random.nextInt(ids.size())));
                bundles.put(one.id(), new Bundle(one.id(), one.name(), version, kind, one.context(), "", ++now));
                happened("update " + bundles.get(one.id()));
            }
            case 2 -> mend(ids.get(random.nextInt(ids.size())));
            case 3 -> uninstall(ids.get(random.nextInt(ids.size())));
            case 4 -> provide(ids.get(random.nextInt(ids.size())), "p" + random.nextInt(3));
            case 5 -> {
                int seconds = random.nextInt(4);
                history.add("pass " + seconds);
                pass(seconds);
            }
            default -> {
                history.add("pass 700");
                pass(700);
                checkSettled();
            }
        }
        for (String name : NAMES) {
            boolean wanted =
                    bundles.values().stream().anyMatch(one -> one.name().equals(name));
            if (wanted && before.get(name) != null) {
                assertTrue(serving("/" + name) != null, "nobody serves /" + name + " any more");
            }
        }
    }

    /** After a long time: the newest version serves where it works, and nothing serves that nobody wants. */
    private void checkSettled() {
        for (String name : NAMES) {
            Bundle newest = bundles.values().stream()
                    .filter(one -> one.name().equals(name))
                    .max((a, b) -> Integer.compare(a.version(), b.version()))
                    .orElse(null);
            if (newest == null) {
                assertNull(line("/" + name), "nobody wants /" + name);
            } else if (newest.kind() == Kind.GOOD) {
                assertEquals("1.0." + newest.version(), serving("/" + name));
                assertTrue(
                        current.code().stream()
                                .filter(code -> code.bundle().equals(name))
                                .allMatch(code -> code.bundles().contains(Path.of("-" + newest.provider()))),
                        "the service of /" + name + " is not the present one");
            } else {
                assertTrue(line("/" + name) != null, "/" + name + " is wanted");
            }
        }
    }
}
