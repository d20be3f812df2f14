package org.handoff.itests.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.itests.karaf.Karaf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./run} keeps from one start to the next: {@code unpack_anew} of {@code tools/starting.sh}. */
class UnpackingTest {

    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    @Test
    void whatWasDeployedStaysAndAllElseIsNew() throws Exception {
        Path karaf = folder.resolve("karaf");
        unpack(karaf);
        Path deployed = Files.writeString(karaf.resolve("deploy/greeting-1.0.jar"), "a bundle");
        Path cache = Files.createDirectories(karaf.resolve("data/cache/bundle7"));
        Path users = karaf.resolve("etc/users.properties");
        String before = Files.readString(users);
        Files.writeString(users, "somebody = else");
        unpack(karaf);
        assertEquals("a bundle", Files.readString(deployed));
        assertFalse(Files.exists(cache), "a cache of another Karaf");
        assertEquals(before, Files.readString(users));
        assertTrue(Files.isExecutable(karaf.resolve("bin/karaf")));
    }

    private static void unpack(Path karaf) throws Exception {
        Process shell = new ProcessBuilder(
                        "bash",
                        "-euo",
                        "pipefail",
                        "-c",
                        "source tools/starting.sh; unpack_anew " + Karaf.UNDER_TEST.resolve("our-karaf.tar.gz") + " "
                                + karaf)
                .directory(PROJECT.toFile())
                .inheritIO()
                .start();
        assertEquals(0, shell.waitFor());
    }
}
