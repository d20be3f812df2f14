package org.handoff.itests.deploy;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.Processes;
import org.handoff.itests.karaf.Roles;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.StockKaraf;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * An unchanged Karaf does all that ours does, once the feature is installed. What is done to handlers takes its time:
 * all of it is done under the profile {@code long}.
 */
@ExtendWith(StockKaraf.class)
class StockKarafTest extends DeploymentRows {

    private final Karaf karaf;

    StockKarafTest(Karaf karaf) {
        super(karaf);
        this.karaf = karaf;
    }

    @BeforeEach
    void select(TestInfo test) {
        assumeTrue(Runs.areLong() || test.getTags().contains(SHORT), "with -Plong only");
    }

    @Test
    @Tag(SHORT)
    void servesAFileInDeploy() throws Exception {
        karaf.deployAndAwait(Karaf.UNDER_TEST.resolve("hello.jar"), "hello.jar", "/hello");
        long pid = pidIn(karaf.get("/hello"));
        assertNotEquals(karaf.pid(), pid);
        assertTrue(ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isPresent(), "process " + pid);
        karaf.undeployAndAwait("hello.jar", "/hello");
    }

    @Test
    @Tag(SHORT)
    void servesABundleOfTheShell() throws Exception {
        karaf.shell(
                "bundle:install -s " + Karaf.UNDER_TEST.resolve("digest.jar").toUri());
        karaf.awaitStatus(200, "/digest?bytes=1");
        karaf.shell("bundle:uninstall org.handoff.examples.digest");
        karaf.awaitStatus(404, "/digest?bytes=1");
    }

    @Test
    @Tag(SHORT)
    void runsNoHandler() throws Exception {
        InWorkersOnly handlers = new InWorkersOnly(karaf);
        handlers.whatRunsWhere();
        handlers.undeploy();
    }

    @Test
    @Tag(SHORT)
    void keepsItsRoles() throws Exception {
        Roles.areKept(karaf, Roles.OF_WORKERS);
    }

    @Test
    @Tag(SHORT)
    void leavesNoWorkerBehindWhereItIsKilledAndServesAgainWhenItIsStarted() throws Exception {
        karaf.deployAndAwait(Karaf.UNDER_TEST.resolve("hello.jar"), "hello.jar", "/hello");
        karaf.await("two workers", () -> karaf.workers().size() == 2);
        List<ProcessHandle> workers = karaf.workers();
        karaf.kill();
        Processes.awaitEnd("the workers of a killed Karaf", workers);
        karaf.startAgain();
        karaf.awaitStatus(200, "/hello");
        karaf.undeployAndAwait("hello.jar", "/hello");
    }
}
