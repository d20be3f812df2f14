package org.handoff.worker.pool.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.junit.jupiter.api.Test;
import org.osgi.framework.Version;

/** What serves follows what is wanted, and never the other way round: with a Karaf and a pool that are only told of. */
class ReconcilerTest {

    private static final long SETTLE = TimeUnit.SECONDS.toNanos(5);
    private static final WorkerSettings SETTINGS = WorkerSettings.of(TestPoolConfig.of(Map.of()), Map.of());

    private final Deployments karaf = new Deployments();

    @Test
    void aNewVersionThatIsNotReadyLeavesTheFormerOneServing() {
        karaf.deploy("hot", 1, Kind.GOOD);
        assertEquals("1.0.1", karaf.serving("/hot"));
        for (Kind broken : List.of(Kind.NOT_READY, Kind.FAILING, Kind.DYING, Kind.NEVER)) {
            karaf.update("hot", 2, broken);
            assertEquals("1.0.1", karaf.serving("/hot"), broken.toString());
            assertEquals("hot 1.0.2 [1]", karaf.line("/hot").wanted());
            karaf.pass(100);
            assertEquals("1.0.1", karaf.serving("/hot"), broken.toString());
            assertTrue(
                    karaf.line("/hot").problem().contains("former code serves"),
                    karaf.line("/hot").toString());
            karaf.update("hot", 3, Kind.GOOD);
            assertEquals("1.0.3", karaf.serving("/hot"), broken.toString());
            assertEquals(ContextLine.State.SERVING, karaf.line("/hot").state());
            karaf.update("hot", 1, Kind.GOOD);
        }
    }

    @Test
    void anUpdateMayComeAsAnotherBundleInWhateverOrder() {
        karaf.deploy("hot", 1, Kind.GOOD);
        long second = karaf.deploy("hot", 2, Kind.GOOD);
        assertEquals("1.0.2", karaf.serving("/hot"));
        karaf.uninstall(1);
        assertEquals("1.0.2", karaf.serving("/hot"));

        karaf.uninstall(second);
        assertEquals("1.0.2", karaf.serving("/hot"));
        assertEquals(ContextLine.State.LEAVING, karaf.line("/hot").state());
        karaf.pass(4);
        long third = karaf.deploy("hot", 3, Kind.NOT_READY);
        karaf.pass(20);
        assertEquals("1.0.2", karaf.serving("/hot"), "it is wanted again");
        karaf.mend(third);
        assertEquals("1.0.3", karaf.serving("/hot"));

        karaf.uninstall(third);
        karaf.pass(6);
        assertNull(karaf.serving("/hot"));
        assertNull(karaf.line("/hot"));
    }

    @Test
    void theFormerCodeServesUntilTheSecondBundleIsMendedAlsoWhenItsOwnHasGone() {
        karaf.deploy("hot", 1, Kind.GOOD);
        long second = karaf.deploy("hot", 2, Kind.FAILING);
        assertEquals("1.0.1", karaf.serving("/hot"));
        karaf.uninstall(1);
        karaf.pass(60);
        assertEquals("1.0.1", karaf.serving("/hot"));
        karaf.mend(second);
        assertEquals("1.0.2", karaf.serving("/hot"));
    }

    @Test
    void ofTwoVersionsTheOneThatWorksServesFromTheBeginning() {
        karaf.restart(() -> {
            karaf.deploy("hot", 1, Kind.GOOD);
            karaf.deploy("hot", 2, Kind.FAILING);
        });
        assertEquals("1.0.1", karaf.serving("/hot"));
    }

    @Test
    void aContextBelongsToTheOlderBundleAndPassesToTheOtherWithoutAGap() {
        karaf.deploy("a", 1, Kind.GOOD, "/x");
        karaf.deploy("b", 2, Kind.GOOD, "/x");
        assertEquals("1.0.1", karaf.serving("/x"));
        ContextLine shadowed = karaf.lines().stream()
                .filter(one -> one.state() == ContextLine.State.SHADOWED)
                .findFirst()
                .orElseThrow();
        assertTrue(shadowed.problem().contains("a 1.0.1 [1] has this context"), shadowed.problem());
        karaf.uninstall(1);
        assertEquals("1.0.2", karaf.serving("/x"));
    }

    @Test
    void aGoodBundleWaitsForABadOneNoLongerThanOneTry() {
        karaf.deploy("bad", 1, Kind.NEVER);
        long since = karaf.now;
        karaf.deploy("good", 1, Kind.GOOD);
        while (karaf.serving("/good") == null) {
            karaf.pass(1);
        }
        assertTrue(karaf.now - since <= Deployments.TRY, "served after " + (karaf.now - since));
        assertEquals(ContextLine.State.FAILED, karaf.line("/bad").state());
        karaf.uninstall(1);
        karaf.pass(1);
        assertEquals(ContextLine.State.LEAVING, karaf.line("/bad").state(), "it may come in another bundle");
        assertFalse(karaf.line("/bad").served());
        karaf.pass(5);
        assertNull(karaf.line("/bad"));
    }

    @Test
    void whatIsMendedIsServedAtOnceThoughItsFormerVersionIsStillBeingTried() {
        karaf.deploy("hot", 1, Kind.GOOD);
        karaf.update("hot", 2, Kind.NEVER);
        karaf.update("hot", 3, Kind.GOOD);
        assertEquals("1.0.3", karaf.serving("/hot"));
    }

    @Test
    void whatIsWantedIsNamedWhateverItWaitsFor() {
        karaf.deploy("first", 1, Kind.NOT_READY);
        ContextLine line = karaf.line("/first");
        assertEquals(ContextLine.State.WAITING, line.state());
        assertEquals("a service", line.problem());
        assertEquals("first 1.0.1 [1]", line.wanted());
        assertFalse(line.served());
    }

    @Test
    void anotherServiceIsAnotherGeneration() {
        karaf.deploy("hot", 1, Kind.GOOD);
        int before = karaf.rolls;
        karaf.pass(1);
        assertEquals(before, karaf.rolls);
        karaf.provide(1, "p-1.jar");
        assertEquals(before + 1, karaf.rolls);
        karaf.provide(1, "p-2.jar");
        assertEquals(before + 2, karaf.rolls);
    }

    @Test
    void aServiceThatHasGoneStaysWithFormerCodeAlone() {
        long hot = karaf.deploy("hot", 1, Kind.GOOD);
        long other = karaf.deploy("other", 1, Kind.GOOD);
        karaf.provide(hot, "p-1.jar");
        karaf.provide(other, "p-1.jar");
        assertEquals(List.of(), karaf.current.file().groups());
        karaf.update("hot", 2, Kind.NOT_READY);
        karaf.provide(other, "p-2.jar");
        assertEquals("1.0.1", karaf.serving("/hot"));
        assertEquals(
                List.of("hot"),
                karaf.current.former().stream().map(Code::bundle).toList());
        assertEquals(2, karaf.current.file().groups().size());
    }

    @Test
    void aHandlerThatFailsOnlyBesideNewCodeKeepsTheNewCodeOut() {
        karaf.deploy("old", 1, Kind.GOOD);
        karaf.deploy("poison", 1, Kind.POISON);
        assertEquals("1.0.1", karaf.serving("/old"));
        assertNull(karaf.serving("/poison"));
        karaf.deploy("good", 1, Kind.GOOD);
        karaf.pass(10);
        assertEquals("1.0.1", karaf.serving("/good"));
        assertEquals("1.0.1", karaf.serving("/old"));
    }

    /** Whatever happens in whatever order: what worked and is wanted is served, always; what works is, soon. */
    @Test
    void randomWalk() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("ReconcilerTest.randomWalk: -Dseed=" + seed);
        Random random = new Random(seed);
        for (int walk = 0; walk < 2000; walk++) {
            Deployments walked = new Deployments();
            try {
                for (int step = 0; step < 40; step++) {
                    walked.randomStep(random);
                }
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("walk " + walk + " of seed " + seed + ": " + walked.history, e);
            }
        }
    }

    private enum Kind {
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

    /** A Karaf and a pool that are only told of, and a clock that the test moves. */
    private static final class Deployments {

        private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
        private static final long TRY = 60 * SECOND;

        private record Bundle(
                long id, String name, int version, Kind kind, String context, String provider, long modified) {}

        private final List<String> history = new ArrayList<>();
        private Reconciler reconciler = new Reconciler();
        private final Map<Long, Bundle> bundles = new HashMap<>();
        private final Map<Code, Kind> kinds = new HashMap<>();
        private Generation current;
        private Generation next;
        private long nextSince;
        private long now = -1000;
        private long lastId;
        private int rolls;
        private boolean quiet;

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
                        Want want = new Want(
                                one.name(), version, one.id(), "C", "", List.of(one.context()), null, "a service");
                        if (one.kind() == Kind.NOT_READY) {
                            return want;
                        }
                        Code code = new Code(
                                one.name(),
                                want.label(),
                                "C",
                                List.of(
                                        Path.of(one.id() + "-" + one.modified() + ".jar"),
                                        Path.of("-" + one.provider())));
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
        private static final Kind[] KINDS = {Kind.GOOD, Kind.GOOD, Kind.NOT_READY, Kind.FAILING, Kind.DYING, Kind.NEVER
        };

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
}
