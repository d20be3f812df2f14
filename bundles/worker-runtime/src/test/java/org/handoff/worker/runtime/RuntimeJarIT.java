package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The one jar that the pool starts. */
@Timeout(120)
class RuntimeJarIT {

    private static final int SECONDS = 60;

    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("org.handoff.worker.runtime.Jdks#installed")
    void makesAClassArchiveAndStartsWithIt(Path jdk) throws Exception {
        Path archive = directory.resolve("classes.jsa");
        warmUp(jdk, "-XX:ArchiveClassesAtExit=" + archive);
        assertTrue(Files.size(archive) > 0);
        // Share or fail: an archive that does not fit the jar would only be slow otherwise.
        warmUp(jdk, "-XX:SharedArchiveFile=" + archive, "-Xshare:on");
    }

    private void warmUp(Path jdk, String... options) throws Exception {
        Path temporary = Files.createTempDirectory(directory, "tmp");
        Path output = Files.createTempFile(directory, "output", "");
        List<String> command = new ArrayList<>(List.of(jdk.resolve("bin/java").toString(), "-XX:+UseSerialGC",
                "-Djava.io.tmpdir=" + temporary));
        command.addAll(List.of(options));
        command.addAll(List.of("-jar", System.getProperty("handoff.runtime.jar"), "--warm-up"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), () -> "still running: " + command);
            assertEquals(0, process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly().waitFor();
        }
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
