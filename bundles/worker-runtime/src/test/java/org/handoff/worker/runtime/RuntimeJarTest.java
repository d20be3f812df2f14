package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

import org.handoff.testkit.Await;
import org.handoff.testkit.Jdeps;
import org.handoff.testkit.Jdks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The one jar that the pool starts. */
@Timeout(300)
class RuntimeJarTest {

    /** What libraries refer to and workers never come to: optional parts of Netty, junixsocket and Felix. */
    private static final List<String> NOT_WANTED = List.of(
            // Netty's codecs of content codings
            "com.aayushatharva.brotli4j.",
            "com.github.luben.zstd.",
            "com.jcraft.jzlib.",
            "com.ning.compress.",
            "lzma.sdk.",
            "net.jpountz.",
            // Netty's TLS
            "io.netty.internal.tcnative.",
            "org.bouncycastle.",
            "org.conscrypt.",
            "io.netty.pkitesting.",
            // Netty's other loggers: SLF4J is there
            "org.apache.commons.logging.",
            "org.apache.log4j.",
            "org.apache.logging.log4j.",
            // Felix's optional services: configurations of its own, commands of a shell
            "org.apache.felix.service.command.",
            "org.osgi.service.coordinator.",
            "org.osgi.service.metatype.",
            // tools for those who look at classes
            "com.google.errorprone.annotations.",
            "com.oracle.svm.core.annotate.",
            "org.jetbrains.annotations.",
            "org.jspecify.annotations.",
            "reactor.blockhound.");

    @TempDir
    Path directory;

    @Test
    void holdsItsEntriesAsTheyAre() throws IOException {
        try (JarFile jar = new JarFile(RuntimeJar.path())) {
            assertEquals(
                    List.of(),
                    jar.stream()
                            .filter(entry -> entry.getMethod() != ZipEntry.STORED)
                            .toList());
        }
    }

    @ParameterizedTest
    @MethodSource("org.handoff.testkit.Jdks#installed")
    void makesAnAotCacheAndStartsWithIt(Path jdk) throws Exception {
        assumeTrue(Jdks.version(jdk) >= 25, "a Java that makes AOT caches");
        Path cache = directory.resolve("classes.aot");
        warmUp(jdk, "-XX:AOTCacheOutput=" + cache);
        assertTrue(Files.size(cache) > 0);
        // Use or fail.
        warmUp(jdk, "-XX:AOTCache=" + cache, "-XX:AOTMode=on");
    }

    @ParameterizedTest
    @MethodSource("org.handoff.testkit.Jdks#installed")
    void makesAClassArchiveAndStartsWithIt(Path jdk) throws Exception {
        Path archive = directory.resolve("classes.jsa");
        warmUp(jdk, "-XX:ArchiveClassesAtExit=" + archive);
        assertTrue(Files.size(archive) > 0);
        // Share or fail: an archive that does not fit the jar would only be slow otherwise.
        warmUp(jdk, "-XX:SharedArchiveFile=" + archive, "-Xshare:on");
    }

    @Test
    void hasEveryClassThatItsCodeRefersTo() {
        List<String> missing = Jdeps.missing(RuntimeJar.path()).stream()
                .filter(line -> NOT_WANTED.stream().noneMatch(known -> line.contains("-> " + known)))
                .toList();
        assertEquals(List.of(), missing);
    }

    private void warmUp(Path jdk, String... options) throws Exception {
        Path temporary = Files.createTempDirectory(directory, "tmp");
        Path output = Files.createTempFile(directory, "output", "");
        List<String> command = new ArrayList<>(
                List.of(jdk.resolve("bin/java").toString(), "-XX:+UseSerialGC", "-Djava.io.tmpdir=" + temporary));
        command.addAll(List.of(options));
        command.addAll(List.of("-jar", RuntimeJar.path(), "--warm-up"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(
                    process.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS), () -> "still running: " + command);
            assertEquals(0, process.exitValue(), Files.readString(output));
        } finally {
            process.destroyForcibly().waitFor();
        }
        try (var left = Files.list(temporary)) {
            assertEquals(List.of(), left.toList());
        }
    }
}
