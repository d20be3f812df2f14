package org.handoff.worker.pool.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.handoff.testkit.Await;
import org.handoff.testkit.Fake;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.plan.Generation;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.osgi.framework.Bundle;

/** The command of Java workers, run with what makes their class archive instead of a generation. */
class JavaProgramTest {

    @TempDir
    Path folder;

    private int runs;

    @ParameterizedTest
    @MethodSource("org.handoff.testkit.Jdks#installed")
    void startsWithoutAWordAndWhateverThePoolSaysOfArchives(Path jdk) throws Exception {
        JavaProgram program = program();
        assertEquals("", run(program, jdk, ""), "before there is an archive");
        Await.await("the archive", this::hasArchive);
        assertEquals("", run(program, jdk, ""));
        assertEquals("", run(program, jdk, "-Xshare:off"));
        assertEquals("", run(program, jdk, "-Xshare:auto"));
    }

    @ParameterizedTest
    @MethodSource("org.handoff.testkit.Jdks#installed")
    void optionsOfThePoolComeLast(Path jdk) throws Exception {
        String flags = run(program(), jdk, "-Xshare:auto -XX:Tier3InvocationThreshold=321 -XX:+PrintFlagsFinal");
        assertTrue(flags.matches("(?s).* Tier3InvocationThreshold +=? +321 .*"), flags);
        assertTrue(flags.matches("(?s).* Tier3CompileThreshold +=? +10000 .*"), flags);
    }

    @ParameterizedTest
    @MethodSource("org.handoff.testkit.Jdks#installed")
    void noRequestStartsFlightRecorder(Path jdk) throws Exception {
        String loaded = run(program(), jdk, "-Xshare:auto -Xlog:class+load");
        assertTrue(loaded.contains("io.netty.buffer.PoolArena"), loaded);
        assertFalse(loaded.contains("jdk.jfr.internal.TypeLibrary"), loaded);
    }

    @ParameterizedTest
    @MethodSource("org.handoff.testkit.Jdks#installed")
    void whatTheCompilersGiveBackGoesToTheSystem(Path jdk) throws Exception {
        String flags = run(program(), jdk, "-Xshare:auto -XX:+PrintFlagsFinal");
        assertTrue(flags.matches("(?s).* TrimNativeHeapInterval +=? +5000 .*"), flags);
    }

    private JavaProgram program() throws IOException {
        RuntimeJar runtime = new RuntimeJar(pool(), folder.resolve("runtime"));
        return new JavaProgram(runtime, new ClassArchive(runtime, folder.resolve("archives")));
    }

    /** As the bundle of pools has it. */
    private static Bundle pool() throws IOException {
        URL jar = Path.of(ShippedWorker.jar(System.getProperty("surefire.test.class.path")))
                .toUri()
                .toURL();
        return Fake.of(Bundle.class, (method, arguments) -> switch (method) {
            case "getEntry" -> jar;
            case "getLastModified" -> 1L;
            default -> throw new UnsupportedOperationException(method);
        });
    }

    private boolean hasArchive() {
        try (Stream<Path> files = Files.list(folder.resolve("archives"))) {
            return files.anyMatch(file -> file.toString().matches(".*\\.(jsa|aot)"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The output of a run that succeeds. */
    private String run(JavaProgram program, Path jdk, String options) throws Exception {
        WorkerSettings settings = WorkerSettings.of(
                TestPoolConfig.of(Map.of("java_home", jdk.toString(), "java_options", options)), Map.of());
        ProcessBuilder builder = program.process(
                new Generation(1, settings, List.of()), Files.createDirectory(folder.resolve("run" + ++runs)));
        List<String> command = builder.command();
        command.set(command.size() - 1, "--warm-up");
        Path output = folder.resolve("output" + runs);
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertTrue(process.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS), command::toString);
            String said = Files.readString(output);
            assertEquals(0, process.exitValue(), said);
            return said;
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
