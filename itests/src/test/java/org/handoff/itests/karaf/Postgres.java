package org.handoff.itests.karaf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.handoff.testkit.Await;
import org.handoff.testkit.Ports;

/** Debian's PostgreSQL, with a database of its own in a temporary folder; never as root, as PostgreSQL demands. */
public final class Postgres implements AutoCloseable {

    public static final String USER = "handoff";
    public static final String PASSWORD = "a password of workers";

    private static final Path VERSIONS = Path.of("/usr/lib/postgresql");

    private final int port = Ports.free();
    // Where each user may go.
    private final Path folder = Files.createTempDirectory(Path.of("/tmp"), "handoff-postgresql");
    private final Thread atExit = new Thread(this::endAtExit);
    private final Process server;

    /** Makes and starts a server, which ends with this process at the latest. */
    public Postgres() throws IOException, InterruptedException {
        try {
            server = start();
        } catch (IOException | InterruptedException | RuntimeException e) {
            Delete.tree(folder);
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    private Process start() throws IOException, InterruptedException {
        Path password = Files.writeString(folder.resolve("password"), PASSWORD);
        boolean root = ProcessHandle.current().info().user().equals(Optional.of("root"));
        if (root) {
            run(List.of("chown", "-R", "postgres", folder.toString()));
        }
        List<String> as =
                root ? List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") : List.<String>of();
        String data = folder.resolve("data").toString();
        run(command(
                as,
                "initdb",
                "--pgdata=" + data,
                "--username=" + USER,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--no-locale",
                "--no-sync"));
        return process(command(
                        as,
                        "postgres",
                        "-D",
                        data,
                        "-p",
                        Integer.toString(port),
                        "-F",
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories="))
                .start();
    }

    public int port() {
        return port;
    }

    private static List<String> command(List<String> as, String program, String... arguments) throws IOException {
        try (Stream<Path> versions = Files.list(VERSIONS)) {
            Path newest = versions.max(Comparator.comparing(Path::toString)).orElseThrow();
            List<String> command = new ArrayList<>(as);
            command.add(newest.resolve("bin").resolve(program).toString());
            command.addAll(Arrays.asList(arguments));
            return command;
        }
    }

    private ProcessBuilder process(List<String> command) {
        return new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        Karaf.FOLDER.resolve("postgresql.log").toFile()));
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        Process process = process(command).start();
        if (!process.waitFor(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException(command + " does not end well: see " + Karaf.FOLDER + "/postgresql.log");
        }
    }

    /** Ends the server and its clients' connections, and deletes its files. */
    @Override
    public void close() throws IOException, InterruptedException {
        Runtime.getRuntime().removeShutdownHook(atExit);
        end();
    }

    private void endAtExit() {
        try {
            end();
        } catch (IOException | InterruptedException e) {
            e.printStackTrace();
        }
    }

    private void end() throws IOException, InterruptedException {
        try {
            if (server.isAlive()) {
                // Its way to end without waiting for clients; Java would send it SIGTERM.
                run(List.of("kill", "-INT", Long.toString(server.pid())));
            }
            server.waitFor();
        } finally {
            Delete.tree(folder);
        }
    }
}
