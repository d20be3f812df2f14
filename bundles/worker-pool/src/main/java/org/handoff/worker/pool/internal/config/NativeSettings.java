package org.handoff.worker.pool.internal.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import org.handoff.http.routing.ContextTable;

/**
 * The program of a pool with {@code kind = native}. It counts as code: other settings are another program.
 *
 * @param command the program and its arguments
 * @param directory its working directory; null for Karaf's own
 * @param contexts its contexts, by host, which is empty for any
 */
public record NativeSettings(List<String> command, Path directory, Map<String, List<String>> contexts) {

    /** @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy */
    static NativeSettings of(String pool, PoolConfig config) {
        List<String> command = CommandLine.words("command", config.command());
        if (command.isEmpty()) {
            throw new IllegalArgumentException("command is missing: a pool of the kind native starts a program; write "
                    + "it like command = /opt/app/worker --flag");
        }
        return new NativeSettings(
                command, PoolValues.directory("directory", config.directory()), contexts(pool, config.context()));
    }

    /**
     * The contexts of a pool's programs: of the key {@code context}, words like {@code /app} or {@code
     * example.org/app}; by default of the pool's name.
     *
     * @return by host, which is empty for any
     * @throws IllegalArgumentException if one is not possible; the message names key, value and remedy
     */
    public static Map<String, List<String>> contexts(String pool, String configured) {
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

    /** The contexts for a process's environment: each as {@code HOST/PATH}, separated by spaces. */
    public String contextWords() {
        return contexts.entrySet().stream()
                .flatMap(of -> of.getValue().stream().map(context -> of.getKey() + context))
                .collect(Collectors.joining(" "));
    }

    /** The command of a process, to be started. */
    public ProcessBuilder process() {
        return new ProcessBuilder(new ArrayList<>(command)).directory(directory == null ? null : directory.toFile());
    }
}
