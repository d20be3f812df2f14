package org.handoff.itests.karaf;

import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.doNotModifyLogConfiguration;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.replaceConfigurationFile;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.handoff.testkit.Await;
import org.handoff.testkit.OpenDescriptors;
import org.handoff.testkit.Ports;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.OptionUtils;
import org.ops4j.pax.exam.TestContainer;
import org.ops4j.pax.exam.karaf.options.KarafDistributionConfigurationOption;
import org.ops4j.pax.exam.karaf.options.KarafDistributionKitConfigurationOption;
import org.ops4j.pax.exam.karaf.options.KarafDistributionKitConfigurationOption.Platform;
import org.ops4j.pax.exam.spi.PaxExamRuntime;

/**
 * A Karaf of its own process, unpacked and configured by Pax Exam and started by Karaf's own {@code bin/start}, with
 * Karaf's own JVM flags and without any bundle of a test tool. The tests look at it from outside, as a user does.
 */
public final class Karaf implements AutoCloseable {

    /** What is delivered: archives of Karaf and bundles to deploy. Tests change nothing there. */
    public static final Path UNDER_TEST = Path.of("target", "under-test").toAbsolutePath();
    /** Where tests write; another folder in each of the JVMs that run tests at the same time. */
    public static final Path FOLDER =
            Path.of("target", "fork-" + System.getProperty("handoff.fork", "1")).toAbsolutePath();

    /** How often Karaf looks into deploy/, and takes what has not changed since; by default once a second. */
    private static final String DEPLOY_MILLIS = "100";
    /**
     * The same for etc/. Karaf writes each configuration that it has taken: it makes the file empty, and fills it. Two
     * looks, some microseconds apart, that find the same count as one file that nobody is writing, however long the time
     * is until the next two: our configurations survive that, others may not.
     */
    private static final String ETC_MILLIS = "500";
    /** A file that stays as it is for so long is not being written. */
    private static final long UNCHANGED_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    /** A configuration that nobody reads. */
    private static final String MARK = "org.handoff.test.mark.cfg";
    /** When a file was written by a test and not by Karaf. */
    private static final FileTime OURS = FileTime.fromMillis(0);

    private final Path base;
    private final int httpPort;
    private final int sshPort;
    private final Shell shell;

    static {
        try {
            Files.createDirectories(FOLDER);
        } catch (IOException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private Karaf(Path archive, int port, Option... more) throws IOException {
        Path unpacked = FOLDER.resolve(archive.getFileName().toString().replace(".tar.gz", ""));
        Delete.tree(unpacked);
        httpPort = port;
        sshPort = Ports.free();
        Option[] options = OptionUtils.combine(
                more,
                new KarafDistributionKitConfigurationOption(
                                new KarafDistributionConfigurationOption(
                                                archive.toUri().toString(),
                                                "Karaf",
                                                System.getProperty("karaf.version"))
                                        .unpackDirectory(unpacked.toFile())
                                        .useDeployFolder(false),
                                Platform.NIX)
                        .executable("bin/start")
                        .filesToMakeExecutable("bin/karaf", "bin/client", "bin/stop"),
                doNotModifyLogConfiguration(),
                // Pax Exam would have Karaf install its test bundles; this takes the line back, and the file as it was.
                replaceConfigurationFile(
                        "etc/org.apache.karaf.features.cfg",
                        Archive.extract(
                                        archive,
                                        "etc/org.apache.karaf.features.cfg",
                                        Path.of(unpacked + "-features.cfg"))
                                .toFile()),
                editConfigurationFilePut("etc/custom.properties", "felix.fileinstall.poll", ETC_MILLIS),
                editConfigurationFilePut(
                        "etc/org.apache.felix.fileinstall-deploy.cfg", "felix.fileinstall.poll", DEPLOY_MILLIS),
                editConfigurationFilePut("etc/users.properties", Shell.USER, Shell.USER + ",_g_:admingroup"),
                editConfigurationFilePut(
                        "etc/users.properties", "_g_:admingroup", "group,admin,manager,viewer,systembundles,ssh"),
                editConfigurationFilePut("etc/org.apache.karaf.shell.cfg", "sshPort", Integer.toString(sshPort)),
                editConfigurationFilePut("etc/org.apache.karaf.shell.cfg", "sshHost", "127.0.0.1"));
        TestContainer container = PaxExamRuntime.createContainer(PaxExamRuntime.createServerSystem(options));
        // Never stopped through Pax Exam, which would look for its test bundle for minutes: close() ends the process.
        container.start();
        base = karafBelow(unpacked);
        shell = new Shell(sshPort);
    }

    /** Starts a distribution whose monitor is to listen on that port; returns when its shell answers. */
    public static Karaf start(Path archive, int httpPort, Option... more) throws IOException {
        Karaf karaf = new Karaf(archive, httpPort, more);
        try {
            karaf.await(
                    "Karaf's shell", () -> karaf.shell.run("shell:echo ready").contains("ready"));
            return karaf;
        } catch (AssertionError e) {
            karaf.close();
            throw e;
        }
    }

    /** Stops Karaf and starts it again, each by its own script; returns when its shell answers. */
    public void restart() throws IOException, InterruptedException {
        ProcessHandle before = process();
        script("bin/stop");
        Processes.awaitEnd("Karaf", List.of(before));
        startAgain();
    }

    /** Kills Karaf; returns when its process has ended. */
    public void kill() throws IOException {
        ProcessHandle process = process();
        process.destroyForcibly();
        Processes.awaitEnd("Karaf", List.of(process));
    }

    /** Starts a Karaf that has ended, by its own script; returns when its shell answers. */
    public void startAgain() throws IOException, InterruptedException {
        script("bin/start");
        await("Karaf's shell", () -> shell.run("shell:echo ready").contains("ready"));
    }

    private void script(String name) throws IOException, InterruptedException {
        int status =
                new ProcessBuilder(file(name).toString()).inheritIO().start().waitFor();
        if (status != 0) {
            throw new IOException(name + " ended with " + status);
        }
    }

    public int httpPort() {
        return httpPort;
    }

    public Path file(String path) {
        return base.resolve(path);
    }

    public long pid() throws IOException {
        return Long.parseLong(Files.readString(file("karaf.pid")).strip());
    }

    public ProcessHandle process() throws IOException {
        return ProcessHandle.of(pid()).orElseThrow(() -> new IOException("Karaf's process is gone"));
    }

    /** The processes that Karaf started and that live. */
    public List<ProcessHandle> workers() throws IOException {
        return process().descendants().filter(ProcessHandle::isAlive).toList();
    }

    /** Runs a shell command and returns what it printed. */
    public String shell(String command) throws IOException {
        return shell.run(command);
    }

    /** Installs features as a user does. */
    public void install(String features) throws IOException {
        succeed("feature:install " + features);
    }

    /** Runs a shell command. @throws IOException with what it printed, if it fails */
    void succeed(String command) throws IOException {
        Shell.Result result = execute(command);
        if (result.status() != 0 || result.printed().contains("Error")) {
            throw new IOException(command + " ended with status " + result.status() + ": " + result.printed());
        }
    }

    /** Runs a shell command and returns what it printed, and whether it failed. */
    public Shell.Result execute(String command) throws IOException {
        return shell.execute(command);
    }

    /** Karaf's shell for another user, whose password is the name; the caller closes it. */
    Shell shellOf(String user) {
        return new Shell(sshPort, user);
    }

    /** Karaf's shell in a terminal. */
    public Shell.Terminal terminal() throws IOException {
        return shell.terminal();
    }

    /** Runs a shell command as a script does, by {@code bin/client -b} with the command on its standard input. */
    public String client(String command) throws IOException, InterruptedException {
        Path printed = Files.createTempFile(FOLDER, "client", ".out");
        Process client = new ProcessBuilder(file("bin/client").toString(), "-b", "-u", Shell.USER, "-p", Shell.USER)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        try (var input = client.outputWriter()) {
            input.write(command + "\n");
        }
        try {
            if (!client.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("bin/client does not end");
            }
            return Files.readString(printed);
        } finally {
            client.destroyForcibly();
            Files.delete(printed);
        }
    }

    /** Waits until a shell command prints this. */
    public void awaitPrinted(String command, String text) {
        await("\"" + text + "\" of " + command, () -> shell(command).contains(text));
    }

    /** Drops a bundle into deploy/ under a name; moved there whole, as Karaf may look at any time. */
    public void deploy(Path bundle, String name) throws IOException {
        Path copy = Files.copy(bundle, file(name + ".part"), StandardCopyOption.REPLACE_EXISTING);
        Files.move(copy, file("deploy/" + name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Takes a bundle out of deploy/; nothing where it is not there. */
    public void undeploy(String name) throws IOException {
        Files.deleteIfExists(file("deploy/" + name));
    }

    /** Drops a bundle into deploy/ and waits until its context answers 200. */
    public void deployAndAwait(Path bundle, String name, String target) throws IOException {
        deploy(bundle, name);
        awaitStatus(200, target);
    }

    /** Takes a bundle out of deploy/ and waits until its context is gone. */
    public void undeployAndAwait(String name, String target) throws IOException {
        undeploy(name);
        awaitStatus(404, target);
    }

    /**
     * Sets keys in a configuration of etc/, each followed by its value: where they are set in their places, else at the
     * end. Returns when Karaf has taken them.
     */
    public void configure(String file, String... keysAndValues) throws IOException {
        String text = read(file);
        for (int i = 0; i < keysAndValues.length; i += 2) {
            String line = keysAndValues[i] + " = " + keysAndValues[i + 1];
            Matcher set = Pattern.compile("(?m)^" + Pattern.quote(keysAndValues[i]) + "\\s*=.*$")
                    .matcher(text);
            text = set.find() ? set.replaceFirst(Matcher.quoteReplacement(line)) : text + "\n" + line + "\n";
        }
        write(file, text);
    }

    /** A configuration of etc/, whole: as it stays for a while, since Karaf may be writing it at the time of one look. */
    public String read(String file) {
        AtomicReference<String> found = new AtomicReference<>("");
        AtomicLong since = new AtomicLong();
        await(file + " to stay as it is", () -> {
            String now = Files.readString(file("etc/" + file));
            if (!now.equals(found.getAndSet(now))) {
                since.set(System.nanoTime());
            }
            return !now.isEmpty() && System.nanoTime() - since.get() > UNCHANGED_NANOS;
        });
        return found.get();
    }

    /**
     * Writes a configuration of etc/, which comes whole, and returns when Karaf has taken it. Karaf writes the file
     * itself then, and would do so over a change made before. Nothing is written where no value changes.
     */
    public void write(String file, String text) throws IOException {
        Path path = file("etc/" + file);
        Properties wanted = properties(text);
        if (Files.exists(path) && properties(Files.readString(path)).equals(wanted)) {
            return;
        }
        place(file, text);
        await("Karaf to take " + path, () -> {
            Properties now = properties(Files.readString(path));
            if (Files.getLastModifiedTime(path).equals(OURS) || now.isEmpty()) {
                return false;
            }
            if (!now.equals(wanted)) {
                // Karaf has only now written what it had taken before, as the file that a feature brings.
                place(file, text);
            }
            return now.equals(wanted);
        });
    }

    private void place(String file, String text) throws IOException {
        Path part = Files.writeString(file(file + ".part"), text);
        Files.setLastModifiedTime(part, OURS);
        Files.move(part, file("etc/" + file), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Deletes configurations of etc/, as far as they are there, and returns when Karaf is done with them: a moment after
     * the end of a configuration it deletes the file once more, and would delete a new one of that name.
     */
    public void delete(String... files) throws IOException {
        List<String> deleted = new ArrayList<>();
        for (String file : files) {
            if (Files.deleteIfExists(file("etc/" + file))) {
                deleted.add(file);
            }
        }
        for (String file : deleted) {
            await(
                    "the end of the configuration " + file,
                    () -> !shell("config:list \"(felix.fileinstall.filename=*/" + file + ")\"")
                            .contains(file));
        }
        if (!deleted.isEmpty()) {
            settled();
        }
    }

    /** Waits until Karaf has written the files of all configurations that it has taken. */
    public void settled() throws IOException {
        // Karaf hears of changes in their order, and writes the file of this one.
        write(MARK, "time = " + System.nanoTime() + "\n");
    }

    private static Properties properties(String text) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        return properties;
    }

    public Http.Answer get(String target) throws IOException {
        return Http.get(httpPort, target);
    }

    public void awaitStatus(int status, String target) {
        await(status + " for " + target, () -> get(target).status() == status);
    }

    /** Waits until so many connections are open, of which none waits to be accepted or is about to end. */
    public void awaitConnections(int count) {
        await(count + " connections", () -> Processes.heldAt(httpPort) == count);
    }

    /** Its open descriptors, when all connections of other tests have ended. */
    public OpenDescriptors descriptors() throws IOException {
        awaitConnections(0);
        return OpenDescriptors.of(pid());
    }

    /** Waits for a condition; past the deadline tells the state of the bundles, components and log. */
    public void await(String what, Callable<Boolean> condition) {
        Await.await(what, condition, this::diagnosis);
    }

    /** The lines of Karaf's log, of all levels. */
    public List<String> log() throws IOException {
        Path log = file("data/log/karaf.log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }

    /** The lines of Karaf's log behind so many. */
    public List<String> logSince(int lines) throws IOException {
        List<String> log = log();
        return log.subList(lines, log.size());
    }

    /** What is known of it: bundles, contexts, workers and the end of its log. */
    public String diagnosis() {
        StringBuilder text = new StringBuilder();
        for (String command : List.of(
                "bundle:diag",
                "service:list org.handoff.worker.api.Handler",
                "monitor:status",
                "monitor:contexts",
                "worker:list")) {
            try {
                text.append("== ")
                        .append(command)
                        .append('\n')
                        .append(shell(command))
                        .append('\n');
            } catch (IOException e) {
                text.append(e).append('\n');
            }
        }
        try {
            // Without the lines that the tests' own shell commands make.
            List<String> log = log().stream()
                    .filter(line -> !line.contains("| ServerSessionImpl "))
                    .toList();
            text.append("== log\n");
            log.subList(Math.max(0, log.size() - 40), log.size())
                    .forEach(line -> text.append(line).append('\n'));
        } catch (IOException e) {
            text.append(e).append('\n');
        }
        return text.toString();
    }

    /** Stops Karaf as its user would, and sees to it that no process is left. */
    @Override
    public void close() throws IOException {
        shell.close();
        List<ProcessHandle> all = ProcessHandle.of(pid())
                .map(karaf ->
                        Stream.concat(Stream.of(karaf), karaf.descendants()).toList())
                .orElse(List.of());
        all.stream().limit(1).forEach(ProcessHandle::destroy);
        try {
            Processes.awaitEnd("Karaf and its workers", all);
        } finally {
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }

    private static Path karafBelow(Path folder) {
        try (Stream<Path> paths = Files.walk(folder, 3)) {
            return paths.filter(path -> Files.isRegularFile(path.resolve("bin/karaf")))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no Karaf below " + folder));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
