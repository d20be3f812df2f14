package org.handoff.worker.pool.internal.config;

import java.util.Map;
import java.util.Set;

/** What processes of pools have of Karaf's own environment, which may hold what is no business of theirs. */
public final class WorkerEnvironment {

    private static final Set<String> KEPT = Set.of("PATH", "LANG", "TZ");
    private static final String LOCALE = "LC_";

    private WorkerEnvironment() {}

    /** Takes out of Karaf's environment all but what programs need to find others, and for the language and time. */
    public static Map<String, String> cleaned(Map<String, String> environment) {
        environment.keySet().removeIf(name -> !KEPT.contains(name) && !name.startsWith(LOCALE));
        return environment;
    }
}
