package org.handoff.itests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

import org.handoff.itests.handlers.supplier.Words;
import org.handoff.itests.handlers.versioned.Versioned;
import org.handoff.itests.handlers.wanting.Wanting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What is wanted and what serves are two things: clients get the former code until the new one is ready. */
@ExtendWith(OurKaraf.class)
class DeploymentTest {

    private static final String NAME = "test.versioned";
    private static final String CONTEXT = "/versioned";
    private static final String MISSING = "org.handoff.nowhere";

    private final Karaf karaf;

    DeploymentTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @AfterEach
    void undeploy() throws Exception {
        for (String name : new String[] {"versioned.jar", "versioned-1.jar", "versioned-2.jar", "words.jar"}) {
            karaf.undeploy(name);
        }
        karaf.awaitStatus(404, CONTEXT);
    }

    @Test
    void formerCodeServesWhateverKeepsItsUpdateFromRunning() throws Exception {
        deployAndAwait("1.0.1", "versioned.jar");
        try (Watched watched = new Watched(karaf.httpPort(), CONTEXT)) {
            karaf.deploy(HandlerBundle.build(NAME, Versioned.class, "Import-Package", MISSING + ",*"),
                "versioned.jar");
            awaitContext("waiting", MISSING);
            karaf.deploy(HandlerBundle.build(NAME, Wanting.class), "versioned.jar");
            awaitContext("waiting", "(of=nobody)");
            Path whole = build("1.0.2");
            Path part = Files.write(Karaf.FOLDER.resolve("part.jar"),
                Arrays.copyOf(Files.readAllBytes(whole), 700));
            karaf.deploy(part, "versioned.jar");
            awaitContext("waiting", "is not a jar");
            karaf.deploy(whole, "versioned.jar");
            awaitVersion("1.0.2");
            watched.close();
            assertEquals(Set.of("1.0.1 ", "1.0.2 "), watched.answers().keySet());
        }
    }

    @Test
    void updateThatComesAsAnotherBundleIsServedWithoutAGap() throws Exception {
        deployAndAwait("1.0.1", "versioned-1.jar");
        try (Watched watched = new Watched(karaf.httpPort(), CONTEXT)) {
            karaf.deploy(build("1.0.2"), "versioned-2.jar");
            karaf.undeploy("versioned-1.jar");
            awaitVersion("1.0.2");
            karaf.undeploy("versioned-2.jar");
            karaf.deploy(build("1.0.3"), "versioned-1.jar");
            awaitVersion("1.0.3");
            watched.close();
            assertEquals(Set.of("1.0.1 ", "1.0.2 ", "1.0.3 "), watched.answers().keySet());
        }
        karaf.undeploy("versioned-1.jar");
        awaitContext("leaving", NAME);
    }

    @Test
    void serviceThatComesChangesOrGoesReachesTheWorkers() throws Exception {
        deployAndAwait("1.0.1", "versioned.jar");
        karaf.deploy(HandlerBundle.build("test.words", Words.class, "Bundle-Version", "5.0.0"), "words.jar");
        awaitText("1.0.1 words of 5.0.0");
        karaf.deploy(HandlerBundle.build("test.words", Words.class, "Bundle-Version", "6.0.0"), "words.jar");
        awaitText("1.0.1 words of 6.0.0");
        karaf.undeploy("words.jar");
        awaitText("1.0.1 ");
    }

    @Test
    void restartOfThePoolsBundleMakesNobodyBelieveThatTheContextIsUnknown() throws Exception {
        deployAndAwait("1.0.1", "versioned.jar");
        try (Watched watched = new Watched(karaf.httpPort(), CONTEXT)) {
            Set<Long> before = pids();
            karaf.shell("bundle:restart org.handoff.worker-pool");
            karaf.await("other workers", () -> !pids().isEmpty() && pids().stream().noneMatch(before::contains));
            awaitVersion("1.0.1");
            watched.close();
            Set<String> answers = new TreeSet<>(watched.answers().keySet());
            assertTrue(answers.remove("1.0.1 "));
            assertFalse(answers.contains("status 404"), answers.toString());
        }
    }

    private Set<Long> pids() throws Exception {
        return new Workers(karaf).pids();
    }

    private static Path build(String version) throws Exception {
        return HandlerBundle.build(NAME, Versioned.class, "Bundle-Version", version);
    }

    private void deployAndAwait(String version, String name) throws Exception {
        karaf.deploy(build(version), name);
        awaitVersion(version);
    }

    private void awaitVersion(String version) {
        awaitText(version + " ");
    }

    private void awaitText(String text) {
        karaf.await(text, () -> karaf.get(CONTEXT).text().equals(text));
    }

    private void awaitContext(String state, String words) {
        karaf.await(CONTEXT + " " + state + ", " + words, () -> karaf.shell("monitor:contexts").lines()
            .anyMatch(line -> line.startsWith(CONTEXT) && line.contains(state) && line.contains(words)));
    }
}
