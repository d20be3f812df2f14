package org.handoff.itests.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.handoff.itests.handlers.library.Words;
import org.handoff.itests.handlers.nap.Nap;
import org.handoff.itests.handlers.surroundings.InKaraf;
import org.handoff.itests.handlers.surroundings.InWorker;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The same code finds the same around it in Karaf and in a worker; but for what docs/in-a-worker.md names. */
@ExtendWith(OurKaraf.class)
class SurroundingsTest {

    private final Karaf karaf;

    SurroundingsTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void codeFindsTheSameInKarafAndInAWorker() throws Exception {
        Path library = HandlerBundle.build(
                "test.surroundings.library", Words.class, "Export-Package", Words.class.getPackageName());
        Path fragment = HandlerBundle.fragment(
                "test.surroundings.fragment", "test.surroundings", "of-the-fragment.txt;literal=found");
        Path embedded = HandlerBundle.build("test.surroundings.embedded", Nap.class);
        Path bundle = HandlerBundle.build(
                "test.surroundings",
                InWorker.class,
                Map.of(
                        "Require-Bundle", "test.surroundings.library",
                        "-includeresource", "lib/embedded.jar=" + embedded,
                        "Bundle-ClassPath", ".,lib/embedded.jar"));
        List<String> names = List.of("surroundings-library.jar", "surroundings-fragment.jar");
        karaf.deploy(library, names.get(0));
        karaf.deploy(fragment, names.get(1));
        karaf.deployAndAwait(bundle, "surroundings.jar", "/surroundings");
        Path written = karaf.file("data").resolve(InKaraf.file(karaf.pid()));
        karaf.await("the surroundings in Karaf", () -> Files.exists(written));
        String inKaraf = Files.readString(written);
        assertEquals("""
                bean server: of process this
                class of a required bundle: Words
                class of an embedded jar: Nap
                data file: kept
                encoding: UTF-8
                event: received
                resource of a fragment: found
                """, inKaraf);
        assertEquals(inKaraf, karaf.get("/surroundings").text());
        String contexts = karaf.shell("monitor:contexts");
        assertTrue(
                contexts.lines()
                        .anyMatch(line -> line.matches("/surroundings .* serving .*events of Event Admin stay .*")),
                contexts);
        karaf.undeployAndAwait("surroundings.jar", "/surroundings");
        for (String name : names) {
            karaf.undeploy(name);
        }
        Files.delete(written);
    }
}
