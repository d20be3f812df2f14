package org.handoff.worker.pool.internal.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.protocol.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker runtime's classes in the JVM's form, shared by all workers: a worker starts faster and takes less memory.
 * From JDK 25 on it is an AOT cache, whose classes are linked too; before, an archive of class-data sharing. One file for
 * each Java, made in the background by a first run, and used from then on. Everything works without it.
 */
public final class ClassArchive {

    private static final Logger LOG = LoggerFactory.getLogger(ClassArchive.class);

    private static final int SECONDS = 60;

    /** The first Java that makes an AOT cache in one run. */
    private static final int AOT = 25;

    private static final String ABOUT_ARCHIVES =
            "-Xshare:.*|-XX:[+-]?(AOT|Shared|ArchiveClassesAtExit|DumpLoadedClassList|AutoCreateSharedArchive).*";

    private final RuntimeJar runtime;
    private final Path folder;
    private final Set<Path> tried = new HashSet<>();

    public ClassArchive(RuntimeJar runtime, Path folder) throws IOException {
        this.runtime = runtime;
        this.folder = Files.createDirectories(folder);
    }

    /** Begins to make the archive if there is none, before the first worker needs it. */
    public void prepare(Path java) {
        options(java, List.of());
    }

    /**
     * The java command's options for the archive; begins to make it if there is none.
     *
     * @param own the pool's own options: none are added to those about archives, as a JVM with both does not start
     */
    synchronized List<String> options(Path java, List<String> own) {
        if (own.stream().anyMatch(option -> option.matches(ABOUT_ARCHIVES))) {
            return List.of();
        }
        Path file = file(java);
        if (Files.exists(file)) {
            // Silently ignored if the archive does not fit, for example after an update of this Java.
            return isAot(java)
                    ? List.of("-Xlog:cds=off", "-Xlog:aot=off", "-XX:AOTCache=" + file)
                    : List.of(
                            "-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds+dynamic=off", "-XX:SharedArchiveFile=" + file);
        }
        if (tried.add(java)) {
            Thread thread = new Thread(() -> make(java, file), "handoff-class-archive");
            thread.setDaemon(true);
            thread.start();
        }
        return List.of();
    }

    /** Named by the path of Java and by its age, so that an updated Java gets a new one. */
    private Path file(Path java) {
        long changed = java.toFile().lastModified();
        String of = Integer.toHexString((java + "@" + changed + "@" + runtime.path()).hashCode());
        return folder.resolve("classes-" + of + (isAot(java) ? ".aot" : ".jsa"));
    }

    private static boolean isAot(Path java) {
        return JavaVersion.feature(java) >= AOT;
    }

    private void make(Path java, Path file) {
        // Each pool may be making it at the same time.
        Path part = file.resolveSibling(file.getFileName() + "-" + UUID.randomUUID() + ".part");
        Process process = null;
        try {
            List<String> command = new ArrayList<>(List.of(java.toString(), "-Xmx64m", "-XX:+UseSerialGC"));
            command.addAll(JavaProgram.runtime(java));
            if (isAot(java)) {
                // Without profiles: the optimizing compiler would begin with them while the worker starts.
                command.add("-XX:-AOTRecordTraining");
                command.add("-XX:AOTCacheOutput=" + part);
            } else {
                command.add("-XX:ArchiveClassesAtExit=" + part);
            }
            command.addAll(
                    List.of("-Djava.io.tmpdir=" + folder, "-jar", runtime.path().toString(), "--warm-up"));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD);
            // So that it has the classes of log entries too.
            builder.environment().put(Variable.LOG.key(), "warm-up");
            process = builder.start();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0 || !Files.exists(part)) {
                LOG.warn(
                        "No class archive for {}: its making ended with {}. Workers start without one",
                        java,
                        process.isAlive() ? "no end in " + SECONDS + " s" : "status " + process.exitValue());
                return;
            }
            Rights.letAllRead(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            LOG.info("Workers of {} share the class archive {}", java, file);
        } catch (IOException e) {
            LOG.warn("No class archive for {}: {}. Workers start without one", java, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (process != null) {
                // A cache is made by a second process, from a file that this one has written.
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
            part.toFile().delete();
            part.resolveSibling(part.getFileName() + ".config").toFile().delete();
        }
    }
}
