package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.handoff.testkit.Fake;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** What is in the folders of a bundle that has gone says whether it has gone for good. */
class ReplacementTest {

    private static final long INSTALLED = 1_000_000;

    @TempDir
    Path folder;

    private final Set<String> installed = new HashSet<>();

    private String problem(String location) {
        BundleContext context = Fake.of(
                BundleContext.class, (method, arguments) -> installed.contains(arguments[0]) ? bundle(location) : null);
        return new Replacement(context, folder.resolve("kar")).problem(bundle(location), INSTALLED);
    }

    private static Bundle bundle(String location) {
        return Fake.of(Bundle.class, (method, arguments) -> location);
    }

    /** Karaf unpacks an archive with that version of {@code org.example:hot}. */
    private void unpack(String archive, String version, long time) throws IOException {
        Path artifact =
                Files.createDirectories(folder.resolve("kar").resolve(archive).resolve("org/example/hot/" + version));
        Files.setLastModifiedTime(artifact, FileTime.fromMillis(time));
    }

    @Test
    void fileThatIsNoJarHasReplacedItsBundle() throws Exception {
        Path file = folder.resolve("hot.jar");
        String location = file.toUri().toString();
        assertEquals("", problem(location));
        Files.writeString(file, "half of a jar");
        assertTrue(problem(location).contains("is not a jar"), problem(location));
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("whole"));
        }
        assertEquals("", problem(location));
    }

    @Test
    void archiveWhoseNewVersionIsNotInstalledHasReplacedItsBundle() throws Exception {
        assertEquals("", problem("mvn:org.example/hot/1.0"), "no archive has ever been deployed");
        unpack("first", "1.1", INSTALLED + 1);
        String problem = problem("mvn:org.example/hot/1.0");
        assertTrue(
                problem.contains("archive first in deploy/ has mvn:org.example/hot/1.1, which Karaf does not install"));
        assertEquals("", problem("mvn:org.example/other/1.0"), "another artifact");
        installed.add("mvn:org.example/hot/1.1");
        assertEquals("", problem("mvn:org.example/hot/1.0"), "the new version is installed");
        unpack("second", "1.2", INSTALLED + 1);
        assertTrue(problem("mvn:org.example/hot/1.0").contains("archive second"), "any archive");
    }

    @Test
    void archiveOfTheVersionThatHasGoneHasReplacedNothing() throws Exception {
        unpack("first", "1.0", INSTALLED - 1);
        assertEquals("", problem("mvn:org.example/hot/1.0"), "its feature was uninstalled");
        unpack("first", "1.0", INSTALLED + 1);
        assertTrue(problem("mvn:org.example/hot/1.0").contains("does not install"), "the same version, other code");
    }

    @Test
    void whatCameInAnotherWayHasGoneForGood() {
        assertEquals("", problem("http://localhost/hot.jar"));
        assertEquals("", problem("mvn:hot"));
        assertEquals("", problem("file:///not%zz"));
    }
}
