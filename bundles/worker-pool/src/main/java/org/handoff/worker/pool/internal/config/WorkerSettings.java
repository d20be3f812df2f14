package org.handoff.worker.pool.internal.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import org.handoff.http.limits.HandlerOptions;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.routing.MalformedRequestException;
import org.handoff.http.routing.RequestTarget;
import org.handoff.worker.protocol.Dispatch;
import org.handoff.worker.protocol.Variable;

/**
 * The settings of a pool's worker processes. They belong to the generation: workers with other settings are another
 * generation.
 *
 * @param java the java program
 * @param javaOptions further options of the java command
 * @param heap as -Xmx takes it
 * @param http the limits of HTTP, by key
 * @param environment environment variables, by name
 * @param properties system properties, by name
 * @param runAs who they run as
 * @param warmup paths that are requested of a worker before it serves, in order
 * @param sessions where their sessions are
 */
public record WorkerSettings(
        Path java,
        List<String> javaOptions,
        String heap,
        SortedMap<String, String> http,
        SortedMap<String, String> environment,
        SortedMap<String, String> properties,
        RunAs runAs,
        List<String> warmup,
        Dispatch dispatch,
        SessionSettings sessions) {

    private static final String HTTP = "http.";
    private static final String ENVIRONMENT = "environment.";
    private static final String PROPERTY = "property.";

    /** @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy */
    public static WorkerSettings of(PoolConfig config, Map<String, Object> properties) {
        SortedMap<String, String> http = new TreeMap<>();
        SortedMap<String, String> environment = new TreeMap<>();
        SortedMap<String, String> system = new TreeMap<>();
        properties.forEach((key, value) -> {
            if (key.startsWith(HTTP)) {
                http.put(key, value.toString().strip());
            } else if (key.startsWith(ENVIRONMENT)) {
                environment.put(variable(key), withoutNul(key, value.toString()));
            } else if (key.startsWith(PROPERTY)) {
                system.put(property(key), value.toString());
            }
        });
        // Workers would refuse it too, but one after the other, and only in the log of a failed start.
        HttpLimits.from(http);
        HandlerOptions.from(http);
        String home = config.java_home().isBlank()
                ? System.getProperty("java.home")
                : config.java_home().strip();
        Path java = PoolValues.path("java.home", home).resolve("bin/java");
        if (!Files.isExecutable(java)) {
            throw new IllegalArgumentException("java.home = " + home + ": " + java + " is not a program; name the home "
                    + "of a JDK or JRE, 17 or later, or leave it empty");
        }
        if (!config.heap().strip().matches("\\d+[kKmMgG]?")) {
            throw new IllegalArgumentException("heap = " + config.heap() + ": not a size like 64m or 1g");
        }
        List<String> warmup = PoolValues.words(config.warmup());
        warmup.forEach(WorkerSettings::checkPath);
        return new WorkerSettings(
                java,
                PoolValues.words(config.java_options()),
                config.heap().strip(),
                http,
                environment,
                system,
                RunAs.of(config),
                warmup,
                Dispatch.of("dispatch", config.dispatch()),
                SessionSettings.of(config));
    }

    /** The name alone: values of variables may be secrets, and are in no message. */
    private static String variable(String key) {
        String name = key.substring(ENVIRONMENT.length());
        if (!name.matches("[A-Za-z_][A-Za-z0-9_]*") || name.startsWith(Variable.PREFIX)) {
            throw new IllegalArgumentException(key + ": workers cannot have an environment variable " + name
                    + "; name it with letters, digits and _, and not " + Variable.PREFIX + "…");
        }
        return name;
    }

    private static String property(String key) {
        String name = key.substring(PROPERTY.length());
        if (name.isBlank()) {
            throw new IllegalArgumentException(
                    key + ": a system property without a name; write " + PROPERTY + "NAME = value");
        }
        return name;
    }

    private static String withoutNul(String key, String value) {
        if (value.indexOf(0) >= 0) {
            throw new IllegalArgumentException(
                    key + ": its value has a NUL character, which no environment can have; " + "take it out");
        }
        return value;
    }

    private static void checkPath(String path) {
        try {
            if (path.startsWith("/")) {
                RequestTarget.parse("GET", path, "localhost");
                return;
            }
        } catch (MalformedRequestException e) {
            throw new IllegalArgumentException(
                    "warmup = " + path + ": not a path that can be requested (" + e.getMessage()
                            + "); percent-encode what is special",
                    e);
        }
        throw new IllegalArgumentException(
                "warmup = " + path + ": not a path; write paths like /hello, separated by " + "spaces");
    }
}
