package org.handoff.itests.deploy;

import static org.handoff.itests.deploy.VersionedHandler.CONTEXT;
import static org.handoff.itests.deploy.VersionedHandler.assertLogOfStates;
import static org.handoff.itests.deploy.VersionedHandler.assertNever404;
import static org.handoff.itests.deploy.VersionedHandler.assertOnly;
import static org.handoff.itests.deploy.VersionedHandler.build;
import static org.handoff.itests.deploy.VersionedHandler.logged;
import static org.handoff.itests.deploy.VersionedHandler.truncated;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.handoff.itests.handlers.echo.Echo;
import org.handoff.itests.handlers.nested.Nested;
import org.handoff.itests.handlers.slow.Activator;
import org.handoff.itests.handlers.supplier.Words;
import org.handoff.itests.handlers.versioned.First;
import org.handoff.itests.handlers.versioned.Second;
import org.handoff.itests.handlers.versioned.Versioned;
import org.handoff.itests.handlers.versioned.Versioned.Start;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Kar;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Watched;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What is wanted and what serves are two things: clients get the former code until the new one is ready, whatever is
 * done, in any Karaf.
 */
abstract class DeploymentRows {

    /** Of what takes little time: it is done in each Karaf each time. */
    static final String SHORT = "short";

    private final Karaf karaf;
    private final Workers workers;
    private final VersionedHandler handler;

    DeploymentRows(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
        this.handler = new VersionedHandler(karaf);
    }

    @AfterEach
    void undeploy() throws Exception {
        handler.undeploy();
    }

    @Test
    @Tag(SHORT)
    void formerCodeServesWhateverKeepsItsUpdateFromRunning() throws Exception {
        int before = karaf.log().size();
        handler.deployAndAwait("1.0.1", "first.jar");
        try (Watched watched = handler.watch()) {
            karaf.deploy(build("1.0.2", "Import-Package", VersionedHandler.MISSING + ",*"), "first.jar");
            handler.awaitContext("waiting", VersionedHandler.MISSING);
            karaf.deploy(HandlerBundle.ofComponent(VersionedHandler.NAME, First.Wanting.class, Map.of()), "first.jar");
            handler.awaitContext("waiting", "(of=nobody)");
            Path whole = build("1.0.2");
            karaf.deploy(truncated(whole), "first.jar");
            handler.awaitContext("waiting", "is not a jar");
            karaf.deploy(whole, "first.jar");
            handler.awaitVersion(watched, "1.0.2");
            assertOnly(watched, "1.0.1 ", "1.0.2 ");
        }
        for (String reason : List.of(VersionedHandler.MISSING, "(of=nobody)", "is not a jar")) {
            awaitLogged(before, reason, "waiting, ");
        }
        awaitLogged(before, "1.0.2", "serving, no longer starting, ");
        assertLogOfStates(logged(karaf, before, CONTEXT, VersionedHandler.POOL));
    }

    private void awaitLogged(int before, String words, String begin) {
        karaf.await(
                begin + words + " in the log",
                () -> logged(karaf, before, CONTEXT, VersionedHandler.POOL).stream()
                        .anyMatch(line -> line.startsWith(begin) && line.contains(words)));
    }

    @Test
    @Tag(SHORT)
    void updateThatComesAsAnotherBundleIsServedWithoutAGap() throws Exception {
        handler.deployAndAwait("1.0.1", "first-1.jar");
        try (Watched watched = handler.watch()) {
            karaf.deploy(build("1.0.2"), "first-2.jar");
            handler.awaitVersion(watched, "1.0.2");
            karaf.undeploy("first-1.jar");
            karaf.deploy(build("1.0.3"), "first-1.jar");
            karaf.undeploy("first-2.jar");
            handler.awaitVersion(watched, "1.0.3");
            Path next = build("1.0.4");
            karaf.undeploy("first-1.jar");
            karaf.deploy(next, "first-2.jar");
            handler.awaitVersion(watched, "1.0.4");
            assertOnly(watched, "1.0.1 ", "1.0.2 ", "1.0.3 ", "1.0.4 ");
        }
        int logged = karaf.log().size();
        karaf.undeploy("first-2.jar");
        // In the log, as a slow shell might show only what it is a second later.
        awaitLogged(logged, "its bundle has gone", "leaving, no longer serving, ");
    }

    @Test
    void updateThatComesAsAReplacedKarIsServedWithoutAGap() throws Exception {
        karaf.deploy(Kar.build(VersionedHandler.NAME, "1.0.1", build("1.0.1")), "first.kar");
        handler.awaitVersion("1.0.1");
        try (Watched watched = handler.watch()) {
            karaf.deploy(Kar.build(VersionedHandler.NAME, "1.0.2", build("1.0.2")), "first.kar");
            handler.awaitVersion(watched, "1.0.2");
            assertOnly(watched, "1.0.1 ", "1.0.2 ");
        }
    }

    /** Karaf uninstalls the feature of the former archive before it sees that it cannot install that of the new one. */
    @Test
    void formerCodeServesWhateverKeepsAReplacedKarFromBeingInstalled() throws Exception {
        karaf.deploy(Kar.build(VersionedHandler.NAME, "1.0.1", build("1.0.1")), "first.kar");
        handler.awaitVersion("1.0.1");
        karaf.deployAndAwait(HandlerBundle.build("test.echo", Echo.class), "echo.jar", "/echo");
        try (Watched watched = handler.watch()) {
            Path unresolved = build("1.0.2", "Import-Package", VersionedHandler.MISSING + ",*");
            karaf.deploy(Kar.build(VersionedHandler.NAME, "1.0.2", unresolved), "first.kar");
            handler.awaitContext("waiting", "1.0.2, which Karaf does not install");
            // Takes as long as the handler would be served if nobody wanted it.
            karaf.undeployAndAwait("echo.jar", "/echo");
            Path wanting = HandlerBundle.ofComponent(
                    VersionedHandler.NAME, First.Wanting.class, Map.of("Bundle-Version", "1.0.3"));
            karaf.deploy(Kar.build(VersionedHandler.NAME, "1.0.3", wanting), "first.kar");
            handler.awaitContext("waiting", "1.0.3, which Karaf does not install");
            karaf.deploy(Kar.build(VersionedHandler.NAME, "1.0.4", build("1.0.4")), "first.kar");
            handler.awaitVersion(watched, "1.0.4");
            assertOnly(watched, "1.0.1 ", "1.0.4 ");
        }
    }

    @Test
    void updateThatTakesLongToStartIsServedWithoutAGap() throws Exception {
        handler.deployAndAwait("1.0.1", "first.jar");
        try (Watched watched = handler.watch()) {
            karaf.deploy(
                    build(
                            "1.0.2",
                            "Bundle-Activator",
                            Activator.class.getName(),
                            "Private-Package",
                            First.class.getPackageName() + "," + Activator.class.getPackageName()),
                    "first.jar");
            handler.awaitVersion(watched, "1.0.2");
            karaf.deploy(build("1.0.3", Versioned.HEADER, Start.SLOWLY.name()), "first.jar");
            handler.awaitVersion(watched, "1.0.3");
            assertOnly(watched, "1.0.1 ", "1.0.2 ", "1.0.3 ");
        }
    }

    @Test
    void updateThatEndsItsProcessIsKeptOutAndTheMendedOneIsServed() throws Exception {
        handler.deployAndAwait("1.0.1", "first.jar");
        try (Watched watched = handler.watch()) {
            karaf.deploy(build("1.0.2", Versioned.HEADER, Start.EXITS.name()), "first.jar");
            handler.awaitContext("failed", "exit status 1");
            handler.awaitContext("failed", "next try at ");
            karaf.deploy(build("1.0.3"), "first.jar");
            handler.awaitVersion(watched, "1.0.3");
            assertOnly(watched, "1.0.1 ", "1.0.3 ");
        }
    }

    @Test
    void updateThatNeverStartsIsGivenUpAndHoldsNobodyUp() throws Exception {
        handler.deployAndAwait("1.0.1", "first.jar");
        workers.configure("start.timeout", "15");
        try (Watched watched = handler.watch()) {
            karaf.deploy(build("1.0.2", Versioned.HEADER, Start.NEVER.name()), "first.jar");
            handler.awaitContext("failed", "start.timeout");
            karaf.deployAndAwait(HandlerBundle.build("test.echo", Echo.class), "echo.jar", "/echo");
            karaf.deploy(build("1.0.3"), "first.jar");
            handler.awaitVersion(watched, "1.0.3");
            assertOnly(watched, "1.0.1 ", "1.0.3 ");
        } finally {
            karaf.undeployAndAwait("echo.jar", "/echo");
            workers.configure("start.timeout", "60");
        }
    }

    @Test
    void serviceThatComesChangesOrGoesReachesTheWorkers() throws Exception {
        handler.deployAndAwait("1.0.1", "first.jar");
        karaf.deploy(HandlerBundle.build("test.words", Words.class, "Bundle-Version", "5.0.0"), "words.jar");
        handler.awaitText("1.0.1 words of 5.0.0");
        karaf.deploy(HandlerBundle.build("test.words", Words.class, "Bundle-Version", "6.0.0"), "words.jar");
        handler.awaitText("1.0.1 words of 6.0.0");
        karaf.undeploy("words.jar");
        handler.awaitText("1.0.1 ");
    }

    @Test
    void serviceThatHasGoneStaysWithFormerCodeAlone() throws Exception {
        String second = "/versioned/second";
        handler.deployAndAwait("1.0.1", "first.jar");
        try {
            karaf.deploy(
                    HandlerBundle.ofComponent("test.second", Second.class, Map.of("Bundle-Version", "2.0.0")),
                    "second.jar");
            karaf.deploy(HandlerBundle.build("test.words", Words.class, "Bundle-Version", "5.0.0"), "words.jar");
            handler.awaitText("1.0.1 words of 5.0.0");
            karaf.deploy(build("1.0.2", "Import-Package", VersionedHandler.MISSING + ",*"), "first.jar");
            handler.awaitContext("waiting", VersionedHandler.MISSING);
            karaf.deploy(HandlerBundle.build("test.words", Words.class, "Bundle-Version", "6.0.0"), "words.jar");
            handler.awaitText(second, "2.0.0 words of 6.0.0");
            handler.awaitText("1.0.1 words of 5.0.0");
            karaf.undeploy("words.jar");
            handler.awaitText(second, "2.0.0 ");
            handler.awaitText("1.0.1 words of 5.0.0");
        } finally {
            karaf.undeployAndAwait("second.jar", second);
        }
    }

    @Test
    void firstDeploymentThatWaitsIsNamedAndItsRequestsAre503() throws Exception {
        try {
            workers.configure("queue.timeout", "1");
            karaf.deploy(HandlerBundle.ofComponent(VersionedHandler.NAME, First.Wanting.class, Map.of()), "first.jar");
            handler.awaitContext("waiting", "(of=nobody)");
            assertUnavailable(CONTEXT);
        } finally {
            workers.configure("queue.timeout", "10");
        }
    }

    @Test
    void handlerWhosePoolIsNotThereIsNamedAndItsRequestsAre503() throws Exception {
        String context = "/echo/nested";
        Path nested = HandlerBundle.build("test.nested", Nested.class);
        int before = karaf.log().size();
        try {
            karaf.deploy(nested, "nested.jar");
            handler.awaitContext(context, "wrong pool", "\"second\"");
            assertUnavailable(context);
        } finally {
            karaf.undeployAndAwait("nested.jar", context);
        }
        List<String> logged = logged(karaf, before, context, "second");
        assertEquals(2, logged.size(), logged.toString());
        assertTrue(logged.get(0).startsWith("wrong pool, wanted by test.nested "), logged.toString());
        assertTrue(logged.get(1).startsWith("no longer wrong pool, "), logged.toString());
    }

    private void assertUnavailable(String target) throws Exception {
        Http.Answer answer = karaf.get(target);
        assertEquals(503, answer.status(), target);
        assertNotNull(answer.field("Retry-After"), answer.head());
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
        handler.deployAndAwait("1.0.1", "first.jar");
        try (Watched watched = handler.watch()) {
            Set<Long> before = workers.pids();
            change.make();
            karaf.await("other workers", () -> {
                Set<Long> now = workers.pids();
                return !now.isEmpty() && now.stream().noneMatch(before::contains);
            });
            handler.awaitVersion("1.0.1");
            assertNever404(watched, "1.0.1 ");
        }
        workers.awaitOn(2);
    }
}
