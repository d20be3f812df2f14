package org.handoff.worker.pool.internal.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.handoff.worker.pool.internal.config.RunAs;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.plan.Generation;

/** The worker runtime on a JVM. */
public final class JavaProgram implements WorkerLauncher.Program {

    /**
     * The counts of calls and loops from which on the quick compiler takes a method, five times the JVM's own, and the
     * optimizing one, ten times: a worker's start is over before most compilations would pay, and takes a third less
     * processor time without them. Methods that requests call often have as many calls within a second or two.
     */
    private static final List<String> COMPILE_LATER = List.of(
            "-XX:Tier3InvocationThreshold=1000",
            "-XX:Tier3MinInvocationThreshold=500",
            "-XX:Tier3CompileThreshold=10000",
            "-XX:Tier4InvocationThreshold=50000",
            "-XX:Tier4MinInvocationThreshold=6000",
            "-XX:Tier4CompileThreshold=150000",
            "-XX:Tier4BackEdgeThreshold=400000");

    /**
     * Netty's allocator that keeps memory for buffers of any size, with one arena for memory outside the heap, as one
     * thread at a time serves. Netty's default allocator returns buffers of 64 KiB and more to the C library, and gets
     * them anew, with every page cleared, for each piece of a large response.
     */
    private static final List<String> ONE_ARENA = List.of(
            "-Dio.netty.allocator.type=pooled",
            "-Dio.netty.allocator.numDirectArenas=1",
            "-Dio.netty.allocator.numHeapArenas=0",
            // 8 KiB, doubled eight times: chunks of 2 MiB.
            "-Dio.netty.allocator.maxOrder=8");

    /**
     * The C library keeps what the compilers have used and given back, some 20 MiB, between what is in use; every five
     * seconds the JVM has the library give it to the system.
     */
    private static final List<String> TRIM =
            List.of("-XX:+UnlockExperimentalVMOptions", "-XX:TrimNativeHeapInterval=5000");

    /** The first Java that prints a warning where Unsafe is used. */
    private static final int UNSAFE_WARNS = 24;

    /** The places of Karaf's files, by which code finds its own. */
    private static final List<String> KARAF =
            List.of("karaf.home", "karaf.base", "karaf.data", "karaf.etc", "karaf.log");

    /**
     * The free memory from which on the C library returns it to the system, its own default, said so that it stays: it
     * would grow with the compilers' use, which then keep 20 MiB for good.
     */
    private static final Map<String, String> VARIABLES = Map.of("MALLOC_TRIM_THRESHOLD_", "131072");

    private final RuntimeJar runtime;
    private final ClassArchive archive;

    public JavaProgram(RuntimeJar runtime, ClassArchive archive) {
        this.runtime = runtime;
        this.archive = archive;
    }

    /** What the runtime is run with, also for its class archive. */
    static List<String> runtime(Path java) {
        List<String> options = new ArrayList<>(List.of(
                "-XX:+UnlockDiagnosticVMOptions",
                // At the addresses that it was made for: else each worker patches its pages, and shares none of them.
                "-XX:ArchiveRelocationMode=0",
                // Netty's events for Flight Recorder would start that in each worker, within its first request.
                "-Dio.netty.jfr.enabled=false"));
        options.addAll(ONE_ARENA);
        if (JavaVersion.feature(java) >= UNSAFE_WARNS) {
            // Netty would do without Unsafe, and have the JVM make code for calls of malloc and free.
            options.add("-Dio.netty.noUnsafe=false");
            options.add("--sun-misc-unsafe-memory-access=allow");
        }
        return options;
    }

    @Override
    public Map<String, String> variables() {
        return VARIABLES;
    }

    @Override
    public ProcessBuilder process(Generation generation, Path folder) throws IOException {
        WorkerSettings settings = generation.settings();
        RunAs runAs = settings.runAs();
        for (Path bundle : generation.bundles()) {
            Rights.letRead(bundle, runAs);
        }
        for (Path configuration : generation.configurations()) {
            Rights.letRead(configuration, runAs);
        }
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path file = folder.resolve("generation.properties");
        generation.file().write(file);
        List<String> command = new ArrayList<>();
        command.add(settings.java().toString());
        command.add("-Xmx" + settings.heap());
        command.add("-XX:+UseSerialGC");
        // A handler that has filled the heap leaves the process unusable; the pool starts another.
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.addAll(COMPILE_LATER);
        if (JavaVersion.trimsNativeHeap(settings.java())) {
            command.addAll(TRIM);
        }
        command.addAll(runtime(settings.java()));
        command.addAll(archive.options(settings.java(), settings.javaOptions()));
        command.add("-Djava.io.tmpdir=" + temporary);
        KARAF.stream()
                .filter(name -> System.getProperty(name) != null)
                .forEach(name -> command.add("-D" + name + "=" + System.getProperty(name)));
        // Whatever the locale; JDK 17 takes the output's from the first, later ones from the others.
        command.add("-Dfile.encoding=UTF-8");
        command.add("-Dstdout.encoding=UTF-8");
        command.add("-Dstderr.encoding=UTF-8");
        command.addAll(settings.javaOptions());
        command.add("-jar");
        command.add(runtime.path().toString());
        command.add(file.toString());
        return new ProcessBuilder(command);
    }
}
