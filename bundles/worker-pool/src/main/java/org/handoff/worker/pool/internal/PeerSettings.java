package org.handoff.worker.pool.internal;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * What a pool of LRWP peers starts. A change replaces the processes.
 *
 * @param command the program and its arguments
 * @param directory its working directory; null for Karaf's own
 * @param name the application's name that it is told
 * @param environment environment variables, by name
 */
record PeerSettings(List<String> command, Path directory, String name, SortedMap<String, String> environment) {

    /**
     * Of a pool with {@code kind = lrwp}.
     *
     * @param pool the pool's name, which is the context too where there is no other
     * @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy
     */
    static PeerSettings of(String pool, PoolConfig config, SortedMap<String, String> environment) {
        List<String> command = Values.words(config.command());
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command is missing: a pool of the kind lrwp starts a program; write it "
                    + "like command = perl app.pl");
        }
        Path directory = config.directory().isBlank() ? null : Path.of(config.directory().strip());
        if (directory != null && !Files.isDirectory(directory)) {
            throw new IllegalArgumentException("directory = " + directory + ": there is no such directory; write one, "
                    + "or leave it empty for Karaf's own");
        }
        return new PeerSettings(command, directory, name(pool, config.context()), environment);
    }

    /** A context as LRWP names it: without its leading slash, but for the root. */
    private static String name(String pool, String context) {
        String name = context.isBlank() ? pool : context.strip();
        return name.length() > 1 && name.startsWith("/") ? name.substring(1) : name;
    }

    /** A process that is about to start. */
    ProcessBuilder program(Map<String, String> told) {
        ProcessBuilder program = new ProcessBuilder(command)
                .directory(directory == null ? null : directory.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true);
        program.environment().putAll(environment);
        program.environment().putAll(told);
        program.environment().put("HANDOFF_LRWP_NAME", name);
        return program;
    }
}
