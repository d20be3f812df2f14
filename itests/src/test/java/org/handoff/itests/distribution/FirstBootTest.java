package org.handoff.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.handoff.itests.karaf.Archive;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What Karaf's features service does at the first start of our distribution: next to nothing, as a bundle that it stops
 * to refresh it is one that Karaf, or the features service itself, may be waiting for.
 */
@ExtendWith(OurKaraf.class)
class FirstBootTest {

    /** The thread of {@code featuresBootAsynchronous}: Karaf's own start does not wait for it. */
    private static final String INSTALLER = "| Initial Features Provisioning |";

    private final Karaf karaf;

    @TempDir
    Path folder;

    FirstBootTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void refreshesNoBundleAndInstallsTheFewThatNobodyIsWiredTo() throws Exception {
        karaf.await("the end of the installation", () -> boot().stream().anyMatch(line -> line.equals("Done.")));
        List<String> boot = boot();
        for (String what : List.of("Stopping", "Refreshing", "Updating", "Uninstalling")) {
            assertTrue(boot.stream().noneMatch(line -> line.startsWith(what)), () -> String.join("\n", boot));
        }
        List<String> installed =
                boot.subList(boot.indexOf("Installing bundles:") + 1, boot.indexOf("Starting bundles:"));
        assertTrue(
                installed.stream()
                        .allMatch(line -> line.contains("/org.apache.karaf.deployer.")
                                || line.contains("/org.apache.karaf.diagnostic.core/")),
                () -> String.join("\n", installed));
    }

    @Test
    void hasOneInstallerThatKarafDoesNotWaitFor() throws Exception {
        karaf.await("the installer", () -> installers().size() > 0);
        assertEquals(1, installers().size(), "installers");
    }

    @Test
    void leavesTheFilesOfKarafsConfigurationsAsTheyAre() throws IOException {
        for (String file : List.of(
                "etc/org.ops4j.pax.url.mvn.cfg",
                "etc/jmx.acl.org.apache.karaf.bundle.cfg",
                "etc/org.apache.karaf.command.acl.system.cfg")) {
            Path archived =
                    Archive.extract(Karaf.UNDER_TEST.resolve("our-karaf.tar.gz"), file, folder.resolve("archived.cfg"));
            assertEquals(Files.readString(archived), Files.readString(karaf.file(file)), file);
        }
    }

    /** What the features service said until its first installation was done. */
    private List<String> boot() throws IOException {
        List<String> said = wholeLog().stream()
                .filter(line -> line.contains("| FeaturesServiceImpl "))
                .map(line ->
                        line.substring(line.lastIndexOf(" | ") + " | ".length()).strip())
                .toList();
        int done = said.indexOf("Done.");
        return done < 0 ? said : said.subList(0, done + 1);
    }

    private List<String> installers() throws IOException {
        return wholeLog().stream()
                .filter(line -> line.contains(INSTALLER) && line.contains("Adding features: "))
                .toList();
    }

    /** The log with what other tests have made Karaf roll over. */
    private List<String> wholeLog() throws IOException {
        try (Stream<Path> files = Files.list(karaf.file("data/log"))) {
            List<Path> oldestFirst = files.filter(
                            file -> file.getFileName().toString().startsWith("karaf.log"))
                    .sorted(Comparator.comparing(file -> file.toFile().lastModified()))
                    .toList();
            return oldestFirst.stream().flatMap(FirstBootTest::lines).toList();
        }
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
