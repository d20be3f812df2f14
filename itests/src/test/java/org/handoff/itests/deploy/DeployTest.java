package org.handoff.itests.deploy;

import static org.handoff.itests.karaf.Pids.pidIn;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.handoff.itests.handlers.echo.Echo;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.load.Doors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(OurKaraf.class)
class DeployTest {

    private static final int MANY = 600;
    private static final String SYMBOLIC_NAME = "test.many";

    private final Karaf karaf;

    @TempDir
    Path folder;

    DeployTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void droppedBundleAnswersAndRemovedBundleIsGone() throws Exception {
        Path echo = HandlerBundle.build("test.echo", Echo.class);
        assertEquals(404, karaf.get("/echo").status());
        try {
            karaf.deployAndAwait(echo, "echo.jar", "/echo");
            assertEquals("test.echo", karaf.get("/echo").text());
        } finally {
            karaf.undeployAndAwait("echo.jar", "/echo");
        }
        assertEquals(200, karaf.get("/hello").status());
    }

    /** The JDK tells a watcher of a folder of 512 events at most. */
    @Test
    void allBundlesAreInstalledOfMoreThanTheJdkTellsOf() throws Exception {
        List<Path> bundles = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            Manifest manifest = new Manifest();
            manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
            manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
            manifest.getMainAttributes().putValue("Bundle-SymbolicName", SYMBOLIC_NAME + i);
            Path bundle = folder.resolve(SYMBOLIC_NAME + i + ".jar");
            new JarOutputStream(Files.newOutputStream(bundle), manifest).close();
            bundles.add(bundle);
        }
        try {
            for (Path bundle : bundles) {
                Files.move(bundle, karaf.file("deploy/" + bundle.getFileName()), StandardCopyOption.ATOMIC_MOVE);
            }
            karaf.await("all bundles", () -> installed() == MANY);
        } finally {
            for (Path bundle : bundles) {
                karaf.undeploy(bundle.getFileName().toString());
            }
            karaf.await("the end of all bundles", () -> installed() == 0);
        }
    }

    private long installed() throws IOException {
        return karaf.shell("bundle:list -s -t 0")
                .lines()
                .filter(line -> line.contains(SYMBOLIC_NAME) && line.contains("Active"))
                .count();
    }

    @Test
    void requestInFlightKeepsItsWorkersAnswerWhileABundleIsDeployed() throws Exception {
        Path echo = HandlerBundle.build("test.echo", Echo.class);
        try (Doors doors = new Doors(karaf);
                Http http = new Http(karaf.httpPort())) {
            doors.send(http);
            long pid = doors.awaitHeld();
            karaf.deployAndAwait(echo, "echo.jar", "/echo");
            doors.open();
            Http.Answer answer = http.receive();
            assertEquals(200, answer.status());
            assertEquals(pid, pidIn(answer));
        } finally {
            karaf.undeployAndAwait("echo.jar", "/echo");
        }
    }
}
