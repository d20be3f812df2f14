package org.handoff.worker.pool.internal.launch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.config.RunAs;
import org.handoff.worker.pool.internal.output.VisibleText;

/** The rights and limits of a pool's processes: sets them at their start, and grants access to their files. */
public final class Rights {

    private static final Path NULL = Path.of("/dev/null");
    private static final List<Path> FOLDERS = Stream.concat(
                    Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
                            .filter(folder -> folder.startsWith("/")),
                    Stream.of("/usr/bin", "/bin", "/usr/sbin", "/sbin"))
            .map(Path::of)
            .toList();

    /** The deadline of the trial. */
    private static final int TRIAL_SECONDS = 20;

    /** A script that ends with 1 unless it reaches each of its arguments, and prints its permitted processors. */
    private static final String TRIAL = """
            for path; do
                test -x "$path" || { echo "no access to $path"; exit 1; }
            done
            while read -r key value; do
                if test "$key" = Cpus_allowed_list:; then echo "$value"; fi
            done < /proc/self/status
            """;

    private static final Object GROUPS = new Object();

    private Rights() {}

    /**
     * Adds rights and limits to a command line.
     *
     * @throws IOException if this machine lacks a program or a control group for them
     */
    public static void apply(ProcessBuilder builder, String pool, RunAs runAs) throws IOException {
        List<String> command = new ArrayList<>(prefix(pool, runAs));
        command.addAll(builder.command());
        builder.command(command);
    }

    private static List<String> prefix(String pool, RunAs runAs) throws IOException {
        Path joined = null;
        if (runAs.memory() > 0 || runAs.cpuMicros() > 0) {
            synchronized (GROUPS) {
                joined = ControlGroup.ofKaraf().of(pool, runAs);
            }
        }
        List<String> missing = new ArrayList<>();
        List<String> words = CommandPrefix.of(runAs, joined, name -> find(name, missing));
        if (!missing.isEmpty()) {
            throw new IOException(
                    "this machine lacks the program " + String.join(", ", missing) + " (of util-linux, or a shell)");
        }
        return words;
    }

    private static String find(String name, List<String> missing) {
        for (Path folder : FOLDERS) {
            Path program = folder.resolve(name);
            if (Files.isExecutable(program)) {
                return program.toString();
            }
        }
        missing.add(name);
        return name;
    }

    /**
     * Tries rights and limits with a script that does nothing.
     *
     * @param reached folders and programs to which the pool's processes need access
     * @throws IllegalArgumentException if this machine refuses them; the message names keys, values and reason
     */
    public static void check(String pool, RunAs runAs, List<Path> reached) {
        List<String> trial = new ArrayList<>(List.of("sh", "-c", TRIAL, "sh"));
        reached.forEach(path -> trial.add(path.toString()));
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(trial).redirectErrorStream(true).redirectInput(NULL.toFile());
            apply(builder, pool, runAs);
            if (runAs.equals(RunAs.KARAF)) {
                return;
            }
            Process process = builder.start();
            // It prints less than a pipe holds.
            if (!process.waitFor(TRIAL_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw notPossible(runAs, "a trial does not end", null);
            }
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            if (process.exitValue() != 0) {
                throw notPossible(runAs, printed, null);
            }
            if (!runAs.cpus().isEmpty() && !RunAs.cpuSet(printed).equals(runAs.cpus())) {
                throw notPossible(runAs, "of these processors there are only " + printed, null);
            }
        } catch (IOException e) {
            throw notPossible(runAs, String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notPossible(runAs, "interrupted", e);
        }
    }

    private static IllegalArgumentException notPossible(RunAs runAs, String reason, Exception cause) {
        return new IllegalArgumentException(
                (runAs.configured().isEmpty() ? "processes to start" : runAs.configured())
                        + ", which is not possible here: " + VisibleText.of(reason)
                        + "; docs/operations.md says what each key needs",
                cause);
    }

    /**
     * Gives the files in a worker's folder to the worker's user; the folder itself stays Karaf's, and no other user
     * reaches it. Call this before the process starts.
     */
    static void give(Path folder, RunAs runAs) throws IOException {
        if (runAs.account() == null) {
            return;
        }
        int group = runAs.account().group();
        Files.setAttribute(folder, "unix:gid", group);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x---"));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.setAttribute(file, "unix:gid", group);
                if (runAs.account().user().isPresent()) {
                    Files.setAttribute(file, "unix:uid", runAs.account().user().getAsInt());
                }
            }
        }
    }

    /** Makes a file of Karaf's readable for the group of a pool's processes. */
    static void letRead(Path file, RunAs runAs) throws IOException {
        if (runAs.account() != null) {
            int group = runAs.account().group();
            if (!Files.getAttribute(file, "unix:gid", LinkOption.NOFOLLOW_LINKS).equals(group)) {
                Files.setAttribute(file, "unix:gid", group);
            }
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        }
    }

    /** Lets the group of a pool's processes reach what is in a folder, and nobody else but Karaf's user. */
    static void letEnter(Path folder, RunAs runAs) throws IOException {
        if (runAs.account() != null) {
            Files.setAttribute(folder, "unix:gid", runAs.account().group());
        }
        Files.setPosixFilePermissions(
                folder, PosixFilePermissions.fromString(runAs.account() == null ? "rwx------" : "rwx--x---"));
    }

    /** Makes a file without secrets readable for all users, whatever Karaf's umask is. */
    static void letAllRead(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }
}
