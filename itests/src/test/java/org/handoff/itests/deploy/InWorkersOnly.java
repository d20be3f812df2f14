package org.handoff.itests.deploy;

import static org.handoff.itests.deploy.VersionedHandler.assertOnly;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.handoff.itests.handlers.inworkers.Activated;
import org.handoff.itests.handlers.inworkers.Immediate;
import org.handoff.itests.handlers.inworkers.Neighbour;
import org.handoff.itests.handlers.inworkers.Notes;
import org.handoff.itests.handlers.inworkers.Plain;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.load.Watched;

/** A bundle whose parts each note the processes that they run in; in any Karaf. */
final class InWorkersOnly {

    private static final String CONTEXT = "/immediate";
    private static final String NAME = "test.immediate";
    private static final String JAR = "immediate.jar";

    private final Karaf karaf;
    private final Path notes = Karaf.FOLDER.resolve("notes");

    InWorkersOnly(Karaf karaf) throws IOException {
        this.karaf = karaf;
        Files.deleteIfExists(notes);
    }

    /** Takes the bundle away, and waits until it is gone. */
    void undeploy() throws Exception {
        karaf.undeployAndAwait(JAR, CONTEXT);
    }

    /** What is for workers runs there only, everything else in Karaf too, of which Karaf warns where it is a handler. */
    void whatRunsWhere() throws Exception {
        deployAndAwait("2.0.0");
        karaf.awaitStatus(200, "/activated");
        karaf.awaitStatus(200, "/plain");
        for (Class<?> type : List.of(Neighbour.class, Plain.class)) {
            karaf.await(type + " in Karaf", () -> isNoted(type, karaf.pid()));
        }
        for (Class<?> type : List.of(Immediate.class, Activated.class)) {
            assertTrue(isNoted(type, worker()), type + " in the worker");
            assertFalse(isNoted(type, karaf.pid()), type + " in Karaf");
        }
        karaf.await(
                "a warning of what runs in Karaf too",
                () -> karaf.log().stream()
                        .anyMatch(line ->
                                line.contains("WARN") && line.contains(Plain.class.getName() + " of bundle " + NAME)));
        karaf.await(
                "an active bundle",
                () -> karaf.shell("bundle:list").lines().anyMatch(line -> line.matches(".*Active.*" + NAME + ".*")));
    }

    /** An update that ends its process ends workers, and the former code serves until a mended one comes. */
    void processEnds() throws Exception {
        long pid = karaf.pid();
        deployAndAwait("1.0.0");
        try (Watched watched = new Watched(karaf.httpPort(), CONTEXT)) {
            karaf.deploy(bundle("1.0.1"), JAR);
            karaf.await(
                    "the exit status",
                    () -> karaf.shell("monitor:contexts")
                            .lines()
                            .anyMatch(line ->
                                    line.startsWith(CONTEXT) && line.contains("exit status " + Immediate.STATUS)));
            deployAndAwait("1.0.2");
            assertOnly(watched, "1.0.0", "1.0.2");
        }
        assertEquals(pid, karaf.pid());
        assertTrue(karaf.process().isAlive());
    }

    private void deployAndAwait(String version) throws Exception {
        karaf.deploy(bundle(version), JAR);
        karaf.await(version, () -> karaf.get(CONTEXT).text().equals(version));
    }

    private Path bundle(String version) throws Exception {
        return HandlerBundle.build(
                NAME,
                Immediate.class,
                Map.of(
                        "Bundle-Version",
                        version,
                        Notes.FILE,
                        notes.toString(),
                        "Handoff-Activator",
                        Activated.class.getName(),
                        "Handoff-Context",
                        "/activated"));
    }

    private long worker() throws IOException {
        return Long.parseLong(karaf.get(CONTEXT).field(Immediate.PROCESS));
    }

    private boolean isNoted(Class<?> type, long pid) throws IOException {
        return Files.readAllLines(notes).contains(Notes.line(type, pid));
    }
}
