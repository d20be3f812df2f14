package org.handoff.worker.pool.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Version;

/** What is to serve, by what is wanted, what serves and what was refused. */
class RolloutPlannerTest {

    private static final WorkerSettings SETTINGS = WorkerSettings.of(TestPoolConfig.of(Map.of()), Map.of());
    private static final WorkerSettings OTHER = WorkerSettings.of(TestPoolConfig.of(Map.of("heap", "32m")), Map.of());
    private static final long NOW = 1000;

    private final Quarantine quarantine = new Quarantine();
    private Accepted accepted = Accepted.NOTHING;

    private RolloutPlanner.Plan plan(Want... wants) {
        return RolloutPlanner.plan(List.of(wants), SETTINGS, accepted, quarantine, Set.of(), NOW);
    }

    private void serves(Want... wants) {
        accepted = Accepted.of(generation(plan(wants)), Map.of());
    }

    private static Generation generation(RolloutPlanner.Plan plan) {
        return new Generation(1, plan.settings(), plan.handlers());
    }

    private static Want want(long id, String name, int version, String... contexts) {
        Version its = new Version(1, 0, version);
        String label = name + " " + its + " [" + id + "]";
        Code code = new Code(name, label, "C", List.of(Path.of(id + "-" + version + ".jar")));
        return new Want(name, its, id, "C", "", Arrays.asList(contexts), code, "");
    }

    private static Want waiting(long id, String name, int version, String... contexts) {
        Want ready = want(id, name, version, contexts);
        return new Want(name, ready.version(), id, "C", "", ready.contexts(), null, "there is no service");
    }

    private static Code picked(RolloutPlanner.Plan plan, String context) {
        return plan.picks().get(new Place("", context));
    }

    @Test
    void nothingWantedIsNothingToServe() {
        assertTrue(plan().handlers().isEmpty());
        assertTrue(plan(waiting(1, "a", 1, "/a")).handlers().isEmpty());
    }

    @Test
    void handlersServeAllTheirContexts() {
        RolloutPlanner.Plan plan = plan(want(1, "a", 1, "/a", "/a/b"), want(2, "b", 1, "/b"));
        assertEquals(
                List.of(List.of("/a", "/a/b"), List.of("/b")),
                plan.handlers().stream().map(HandlerPlan::contexts).toList());
        assertSame(SETTINGS, plan.settings());
        assertFalse(plan.suspect());
    }

    @Test
    void contextIsTheOlderBundles() {
        Want older = want(1, "a", 1, "/x");
        Want newer = want(2, "b", 1, "/x", "/y");
        RolloutPlanner.Plan plan = plan(older, newer);
        assertEquals(older.code(), picked(plan, "/x"));
        assertEquals(newer.code(), picked(plan, "/y"));
        assertEquals(List.of(older, newer), plan.claims().get(new Place("", "/x")));
        assertEquals(
                List.of(List.of("/x"), List.of("/y")),
                plan.handlers().stream().map(HandlerPlan::contexts).toList());
    }

    @Test
    void contextStaysWithTheBundleThatServesIt() {
        Want first = want(2, "b", 1, "/x");
        serves(first);
        assertEquals(first.code(), picked(plan(want(1, "a", 1, "/x"), first), "/x"));
    }

    @Test
    void newestVersionOfABundleHasTheContext() {
        Want first = want(1, "a", 1, "/x");
        serves(first);
        Want second = want(2, "a", 2, "/x");
        assertEquals(second.code(), picked(plan(first, second), "/x"));
    }

    @Test
    void formerCodeServesWhileTheNewOneWaitsOrIsKeptOut() {
        Want former = want(1, "a", 1, "/x");
        serves(former);
        assertEquals(former.code(), picked(plan(waiting(1, "a", 2, "/x")), "/x"));
        Want next = want(1, "a", 2, "/x");
        quarantine.refuse(next.code(), "no package x");
        assertEquals(former.code(), picked(plan(next), "/x"));
        assertTrue(generation(plan(next)).isLike(accepted.generation()));
    }

    @Test
    void anotherBundleHasAContextWhoseFirstOneIsKeptOut() {
        Want guilty = want(1, "a", 1, "/x");
        Want other = want(2, "b", 1, "/x");
        quarantine.refuse(guilty.code(), "no package x");
        assertEquals(other.code(), picked(plan(guilty, other), "/x"));
    }

    @Test
    void placeThatNobodyWantsStaysOnlyWhereItIsKept() {
        Want gone = want(1, "a", 1, "/x", "/y");
        serves(gone);
        assertTrue(plan().handlers().isEmpty());
        RolloutPlanner.Plan plan =
                RolloutPlanner.plan(List.of(), SETTINGS, accepted, quarantine, Set.of(new Place("", "/y")), NOW);
        assertEquals(Set.of(new Place("", "/y")), plan.picks().keySet());
        assertEquals(
                List.of(List.of("/y")),
                plan.handlers().stream().map(HandlerPlan::contexts).toList());
    }

    @Test
    void suspectsAreTriedByHalves() {
        Want[] wants = {want(1, "a", 1, "/a"), want(2, "b", 1, "/b"), want(3, "c", 1, "/c"), want(4, "d", 1, "/d")};
        quarantine.crashed(Arrays.stream(wants).map(Want::code).toList(), null, "exit status 7", 0, NOW);
        RolloutPlanner.Plan plan = plan(wants);
        assertTrue(plan.suspect());
        assertEquals(2, plan.handlers().size());
    }

    @Test
    void settingsWithWhichWorkersDieAreNotUsed() {
        Want one = want(1, "a", 1, "/a");
        serves(one);
        assertSame(OTHER, planWith(OTHER, one).settings());
        quarantine.crashed(List.of(), OTHER, "exit status 1", 0, NOW);
        assertEquals(SETTINGS, planWith(OTHER, one).settings());
    }

    private RolloutPlanner.Plan planWith(WorkerSettings settings, Want... wants) {
        return RolloutPlanner.plan(List.of(wants), settings, accepted, quarantine, Set.of(), NOW);
    }

    @Test
    void planChangesNothing() {
        Want one = want(1, "a", 1, "/a");
        Want two = want(2, "a", 2, "/a");
        serves(one);
        quarantine.crashed(List.of(two.code(), one.code()), null, "exit status 7", 0, NOW);
        assertEquals(plan(one, two), plan(one, two));
        assertEquals(List.of(one.code()), List.copyOf(accepted.code()));
    }
}
