package org.handoff.worker.pool.internal.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * The processes of a pool of LRWP peers. A change replaces them.
 *
 * @param kind whether it is a program of the user's or our CGI wrapper
 * @param command the program and its arguments; of the wrapper without its class path
 * @param directory its working directory; null for Karaf's own
 * @param name the application's name that it is told
 * @param environment environment variables, by name
 * @param runAs who they run as
 */
public record PeerSettings(
        PoolKind kind,
        List<String> command,
        Path directory,
        String name,
        SortedMap<String, String> environment,
        RunAs runAs) {

    private static final String CGI_MAIN = "org.handoff.lrwp.cgi.CgiMain";

    /**
     * A small JVM that starts fast, and converts bytes of requests to characters and back without a change. Its
     * programs write to its own pipes, whose descriptors it has to know.
     */
    private static final List<String> CGI_OPTIONS = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dfile.encoding=ISO-8859-1",
            "-Dsun.jnu.encoding=ISO-8859-1",
            "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED");

    /**
     * Of a pool with {@code kind = lrwp}.
     *
     * @param pool the pool's name, which is the default context
     * @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy
     */
    static PeerSettings lrwp(String pool, PoolConfig config, WorkerSettings workers) {
        List<String> command = CommandLine.words("command", config.command());
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command is missing: a pool of the kind lrwp starts a program; write it "
                    + "like command = perl app.pl");
        }
        Path directory = PoolValues.directory("directory", config.directory());
        return new PeerSettings(
                PoolKind.LRWP,
                command,
                directory,
                name(pool, config.context()),
                workers.environment(),
                workers.runAs());
    }

    /**
     * Of a pool with {@code kind = cgi}.
     *
     * @param requestSeconds how long a program may take; 0 for no limit
     * @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy
     */
    static PeerSettings cgi(
            String pool, PoolConfig config, Map<String, Object> properties, WorkerSettings java, int requestSeconds) {
        Path directory = PoolValues.path("directory", config.directory());
        if (config.directory().isBlank() || !Files.isDirectory(directory)) {
            throw new IllegalArgumentException("directory = " + config.directory() + ": there is no such directory; "
                    + "write that of the CGI programs, like /usr/lib/cgi-bin");
        }
        int connections = new PoolValues(properties).between(1, 1000, "connections", config::connections);
        List<String> command = new ArrayList<>(List.of(java.java().toString(), "-Xmx" + java.heap()));
        command.addAll(CGI_OPTIONS);
        command.addAll(java.javaOptions());
        command.addAll(List.of(
                CGI_MAIN, directory.toString(), Integer.toString(connections), Integer.toString(requestSeconds)));
        return new PeerSettings(
                PoolKind.CGI,
                List.copyOf(command),
                null,
                name(pool, config.context()),
                java.environment(),
                java.runAs());
    }

    /** A context as LRWP names it: without its leading slash, but for the root. */
    public static String name(String pool, String context) {
        String name = context.isBlank() ? pool : context.strip();
        return name.length() > 1 && name.startsWith("/") ? name.substring(1) : name;
    }

    /**
     * The command of a process, to be started.
     *
     * @param told further variables of its environment
     * @param wrapper the jar of the CGI wrapper
     */
    public ProcessBuilder program(Map<String, String> told, Path wrapper) {
        ProcessBuilder program = new ProcessBuilder(new ArrayList<>(command))
                .directory(directory == null ? null : directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true);
        if (kind == PoolKind.CGI) {
            // CGI programs get the wrapper's environment, and must not get Karaf's.
            program.environment().keySet().removeIf(name -> !name.equals("PATH"));
            program.command().addAll(1, List.of("-cp", wrapper.toString()));
        }
        WorkerEnvironment.cleaned(program.environment()).putAll(environment);
        program.environment().putAll(told);
        program.environment().put("HANDOFF_LRWP_NAME", name);
        return program;
    }
}
