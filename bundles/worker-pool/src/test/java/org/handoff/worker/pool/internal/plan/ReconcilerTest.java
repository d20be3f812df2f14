package org.handoff.worker.pool.internal.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;

import org.handoff.worker.pool.internal.plan.Deployments.Kind;
import org.junit.jupiter.api.Test;

/** What serves follows what is wanted, and never the other way round: with a Karaf and a pool that are only told of. */
class ReconcilerTest {

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
}
