package org.handoff.worker.pool.internal.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import org.handoff.http.config.ConfigValues;
import org.handoff.http.routing.ContextTable;
import org.handoff.monitor.api.Target;

/**
 * The program of a pool with {@code kind = native}. It counts as code: other settings are another program.
 *
 * @param command the program and its arguments
 * @param directory its working directory; null for Karaf's own
 * @param contexts its contexts, by host, which is empty for any; for any protocol but HTTP the address whose connections
 *        it gets, behind {@link Target#TCP}
 */
public record NativeSettings(List<String> command, Path directory, Map<String, List<String>> contexts) {

    private static final String HTTP = "http";
    private static final String TCP = "tcp";

    /** @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy */
    static NativeSettings of(String pool, PoolConfig config) {
        List<String> command = CommandLine.words("command", config.command());
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command is missing: a pool of the kind native starts a program; write "
                    + "it like command = /opt/app/worker --flag");
        }
        return new NativeSettings(
                command, PoolValues.directory("directory", config.directory()), contexts(pool, config));
    }

    /**
     * The contexts of a pool's programs, as for the record.
     *
     * @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy
     */
    public static Map<String, List<String>> contexts(String pool, PoolConfig config) {
        String listen = config.listen().strip();
        switch (config.protocol().strip()) {
            case HTTP -> {
                if (!listen.isEmpty()) {
                    throw new IllegalArgumentException("listen = " + listen + ": HTTP comes to the monitor's port, in "
                            + "etc/org.handoff.monitor.cfg; leave listen out, or write protocol = tcp");
                }
                return contexts(pool, config.context());
            }
            case TCP -> {
                if (!config.context().isBlank()) {
                    throw new IllegalArgumentException("context = " + config.context()
                            + ": only HTTP has contexts; leave it out with protocol = tcp");
                }
                if (!config.warmup().isBlank()) {
                    throw new IllegalArgumentException("warmup = " + config.warmup()
                            + ": these requests are HTTP; leave it out with protocol = tcp");
                }
                if (listen.isEmpty()) {
                    throw new IllegalArgumentException(
                            "listen is missing: with protocol = tcp a pool has a port of its "
                                    + "own; write listen = 0.0.0.0:7000");
                }
                ConfigValues.socketAddress("listen", listen);
                return Map.of("", List.of(Target.TCP + listen));
            }
            default ->
                throw new IllegalArgumentException(
                        "protocol = " + config.protocol() + ": no such protocol; write http, or tcp for any other one");
        }
    }

    /** @throws IllegalArgumentException if a pool of another kind has keys for the protocol */
    static void checkAbsent(PoolConfig config) {
        if (!config.protocol().strip().equals(HTTP) || !config.listen().isBlank()) {
            throw new IllegalArgumentException("protocol = " + config.protocol() + ", listen = " + config.listen()
                    + ": only for pools of the kind native; leave both out");
        }
    }

    /** Whether its connections are of any protocol. */
    private boolean isTcp() {
        return contexts.getOrDefault("", List.of()).stream().anyMatch(context -> context.startsWith(Target.TCP));
    }

    /**
     * The contexts of a pool's programs: of the key {@code context}, words like {@code /app} or {@code
     * example.org/app}; by default of the pool's name.
     *
     * @return by host, which is empty for any
     * @throws IllegalArgumentException if one is not possible; the message names key, value and remedy
     */
    static Map<String, List<String>> contexts(String pool, String configured) {
        Map<String, List<String>> contexts = new LinkedHashMap<>();
        for (String word : configured.isBlank() ? List.of("/" + pool) : PoolValues.words(configured)) {
            int slash = word.indexOf('/');
            if (slash < 0) {
                throw new IllegalArgumentException("context = " + configured + ": " + word + " is no context; write "
                        + "contexts like /app or example.org/app, separated by spaces");
            }
            try {
                contexts.computeIfAbsent(word.substring(0, slash).toLowerCase(Locale.ROOT), host -> new ArrayList<>())
                        .add(ContextTable.validContext(word.substring(slash)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "context = " + configured + ": " + word + " is no context: " + e.getMessage(), e);
            }
        }
        return contexts;
    }

    /**
     * The contexts for a process's environment: each as {@code HOST/PATH}, separated by spaces; empty for any protocol
     * but HTTP.
     */
    public String contextWords() {
        if (isTcp()) {
            return "";
        }
        return contexts.entrySet().stream()
                .flatMap(of -> of.getValue().stream().map(context -> of.getKey() + context))
                .collect(Collectors.joining(" "));
    }

    /** The command of a process, to be started. */
    public ProcessBuilder process() {
        return new ProcessBuilder(new ArrayList<>(command)).directory(directory == null ? null : directory.toFile());
    }
}
