package org.handoff.worker.pool.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The worker runtime on a JVM. */
final class JavaProgram implements WorkerLauncher.Program {

    private final RuntimeJar runtime;
    private final ClassArchive archive;

    JavaProgram(RuntimeJar runtime, ClassArchive archive) {
        this.runtime = runtime;
        this.archive = archive;
    }

    @Override
    public List<String> command(WorkerSettings settings, Path folder, Path generationFile) {
        List<String> command = new ArrayList<>();
        command.add(settings.java().toString());
        command.add("-Xmx" + settings.heap());
        command.add("-XX:+UseSerialGC");
        // A handler that has filled the heap has broken this process for good; the pool starts another.
        command.add("-XX:+ExitOnOutOfMemoryError");
        command.addAll(archive.options(settings.java()));
        command.add("-Djava.io.tmpdir=" + folder);
        command.addAll(settings.javaOptions());
        command.add("-jar");
        command.add(runtime.path().toString());
        command.add(generationFile.toString());
        return command;
    }
}
