package org.handoff.itests;

import static org.handoff.itests.DeploymentRows.CONTEXT;
import static org.handoff.itests.DeploymentRows.assertNever404;
import static org.handoff.itests.DeploymentRows.assertOnly;
import static org.handoff.itests.DeploymentRows.build;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

import org.handoff.itests.handlers.echo.Echo;
import org.handoff.itests.handlers.nested.Nested;
import org.handoff.itests.handlers.slow.Activator;
import org.handoff.itests.handlers.supplier.Words;
import org.handoff.itests.handlers.versioned.First;
import org.handoff.itests.handlers.versioned.Versioned;
import org.handoff.itests.handlers.versioned.Versioned.Start;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is wanted and what serves are two things: clients get the former code until the new one is ready. */
@ExtendWith(OurKaraf.class)
class DeploymentTest {

    private final Karaf karaf;
    private final Workers workers;
    private final DeploymentRows rows;

    DeploymentTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
        this.rows = new DeploymentRows(karaf);
    }

    @AfterEach
    void undeploy() throws Exception {
        rows.undeploy();
    }

    @Test
    void formerCodeServesWhateverKeepsItsUpdateFromRunning() throws Exception {
        rows.brokenUpdates();
    }

    @Test
    void updateThatComesAsAnotherBundleIsServedWithoutAGap() throws Exception {
        rows.updateAsAnotherBundle();
    }

    @Test
    void updateThatComesAsAReplacedKarIsServedWithoutAGap() throws Exception {
        karaf.deploy(Kar.build(DeploymentRows.NAME, "1.0.1", build("1.0.1")), "first.kar");
        rows.awaitVersion("1.0.1");
        try (Watched watched = rows.watch()) {
            karaf.deploy(Kar.build(DeploymentRows.NAME, "1.0.2", build("1.0.2")), "first.kar");
            rows.awaitVersion("1.0.2");
            assertOnly(watched, "1.0.1 ", "1.0.2 ");
        }
    }

    @Test
    void updateThatTakesLongToStartIsServedWithoutAGap() throws Exception {
        rows.deployAndAwait("1.0.1", "first.jar");
        try (Watched watched = rows.watch()) {
            karaf.deploy(
                    build(
                            "1.0.2",
                            "Bundle-Activator",
                            Activator.class.getName(),
                            "Private-Package",
                            First.class.getPackageName() + "," + Activator.class.getPackageName()),
                    "first.jar");
            rows.awaitVersion("1.0.2");
            karaf.deploy(build("1.0.3", Versioned.HEADER, Start.SLOWLY.name()), "first.jar");
            rows.awaitVersion("1.0.3");
            assertOnly(watched, "1.0.1 ", "1.0.2 ", "1.0.3 ");
        }
    }

    @Test
    void updateThatEndsItsProcessIsKeptOutAndTheMendedOneIsServed() throws Exception {
        rows.deployAndAwait("1.0.1", "first.jar");
        try (Watched watched = rows.watch()) {
            karaf.deploy(build("1.0.2", Versioned.HEADER, Start.EXITS.name()), "first.jar");
            rows.awaitContext("failed", "exit status 1");
            karaf.deploy(build("1.0.3"), "first.jar");
            rows.awaitVersion("1.0.3");
            assertOnly(watched, "1.0.1 ", "1.0.3 ");
        }
    }

    @Test
    void updateThatNeverStartsIsGivenUpAndHoldsNobodyUp() throws Exception {
        rows.deployAndAwait("1.0.1", "first.jar");
        workers.configure("start.timeout", "15");
        try (Watched watched = rows.watch()) {
            karaf.deploy(build("1.0.2", Versioned.HEADER, Start.NEVER.name()), "first.jar");
            rows.awaitContext("failed", "start.timeout");
            karaf.deployAndAwait(HandlerBundle.build("test.echo", Echo.class), "echo.jar", "/echo");
            karaf.deploy(build("1.0.3"), "first.jar");
            rows.awaitVersion("1.0.3");
            assertOnly(watched, "1.0.1 ", "1.0.3 ");
        } finally {
            karaf.undeployAndAwait("echo.jar", "/echo");
            workers.configure("start.timeout", "60");
        }
    }

    @Test
    void serviceThatComesChangesOrGoesReachesTheWorkers() throws Exception {
        rows.deployAndAwait("1.0.1", "first.jar");
        karaf.deploy(HandlerBundle.build("test.words", Words.class, "Bundle-Version", "5.0.0"), "words.jar");
        rows.awaitText("1.0.1 words of 5.0.0");
        karaf.deploy(HandlerBundle.build("test.words", Words.class, "Bundle-Version", "6.0.0"), "words.jar");
        rows.awaitText("1.0.1 words of 6.0.0");
        karaf.undeploy("words.jar");
        rows.awaitText("1.0.1 ");
    }

    @Test
    void firstDeploymentThatWaitsIsNamedAndItsRequestsAre503() throws Exception {
        try {
            workers.configure("queue.timeout", "1");
            karaf.deploy(HandlerBundle.ofComponent(DeploymentRows.NAME, First.Wanting.class, Map.of()), "first.jar");
            rows.awaitContext("waiting", "(of=nobody)");
            assertUnavailable(CONTEXT);
        } finally {
            workers.configure("queue.timeout", "10");
        }
    }

    @Test
    void handlerWhosePoolIsNotThereIsNamedAndItsRequestsAre503() throws Exception {
        Path nested = HandlerBundle.build("test.nested", Nested.class);
        try {
            karaf.deploy(nested, "nested.jar");
            rows.awaitContext("/echo/nested", "wrong pool", "\"second\"");
            assertUnavailable("/echo/nested");
        } finally {
            karaf.undeployAndAwait("nested.jar", "/echo/nested");
        }
    }

    private void assertUnavailable(String target) throws Exception {
        Http.Answer answer = karaf.get(target);
        assertEquals(503, answer.status(), target);
        assertTrue(answer.headers().containsKey("retry-after"), answer.headers().toString());
    }

    @Test
    void restartOfThePoolsBundleMakesNobodyBelieveThatTheContextIsUnknown() throws Exception {
        restart(() -> karaf.shell("bundle:restart org.handoff.worker.pool"));
    }

    @Test
    void restartOfTheMonitorMakesNobodyBelieveThatTheContextIsUnknown() throws Exception {
        restart(() -> karaf.shell("bundle:restart org.handoff.monitor"));
    }

    @Test
    void restartOfKarafMakesNobodyBelieveThatTheContextIsUnknown() throws Exception {
        restart(karaf::restart);
    }

    private void restart(Workers.Change change) throws Exception {
        rows.deployAndAwait("1.0.1", "first.jar");
        try (Watched watched = rows.watch()) {
            Set<Long> before = workers.pids();
            change.make();
            karaf.await("other workers", () -> {
                Set<Long> now = workers.pids();
                return !now.isEmpty() && now.stream().noneMatch(before::contains);
            });
            rows.awaitVersion("1.0.1");
            assertNever404(watched, "1.0.1 ");
        }
        workers.awaitOn(2);
    }
}
