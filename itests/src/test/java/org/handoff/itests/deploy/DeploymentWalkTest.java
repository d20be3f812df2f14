package org.handoff.itests.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Watched;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Whatever is deployed, in whatever order: each answer is the one that is to be. */
@ExtendWith(OurKaraf.class)
class DeploymentWalkTest {

    /** What the log says where something fails that may not, whatever is deployed. */
    private static final Pattern NOT_IN_ORDER = Pattern.compile(
            "No new generation can be made|stops while a plan is still being made|cannot be said|Cannot delete");

    private final Karaf karaf;
    private final Workers workers;

    DeploymentWalkTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @Test
    void eachAnswerOfARandomWalkIsTheOneThatIsToBe() throws Exception {
        long seed = Long.getLong("walk.seed", System.nanoTime());
        System.out.println("The walk begins: -Dwalk.seed=" + seed);
        workers.awaitOn(2);
        int logged = karaf.log().size();
        workers.configure("settle.time", Integer.toString(WalkedHandler.SETTLE_SECONDS), "start.timeout", "15");
        DeploymentWalk walk = new DeploymentWalk(karaf, seed);
        try (Watched watched = walk.watch()) {
            walk.go(Runs.lasting(Duration.ofMinutes(1), Duration.ofHours(1)));
        } finally {
            walk.leave();
            workers.configure("settle.time", "1", "start.timeout", "60");
        }
        System.out.println("The walk: " + walk);
        assertEquals(
                List.of(),
                karaf.log().stream()
                        .skip(logged)
                        .filter(NOT_IN_ORDER.asPredicate())
                        .toList());
    }
}
