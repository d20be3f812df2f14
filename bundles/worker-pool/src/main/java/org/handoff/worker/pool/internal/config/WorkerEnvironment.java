package org.handoff.worker.pool.internal.config;

import java.util.Map;
import java.util.Set;

/** The part of Karaf's own environment that pools' processes get; the rest may be secret. */
public final class WorkerEnvironment {

    private static final Set<String> KEPT = Set.of("PATH", "LANG", "TZ");
    private static final String LOCALE = "LC_";

    private WorkerEnvironment() {}

    /**
     * Removes from Karaf's environment all variables but those by which programs find others, and those for language
     * and time.
     */
    public static Map<String, String> cleaned(Map<String, String> environment) {
        environment.keySet().removeIf(name -> !KEPT.contains(name) && !name.startsWith(LOCALE));
        return environment;
    }
}
