package org.handoff.worker.pool.internal.config;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The part of Karaf's own environment that pools' processes get; the rest may be secret. */
public final class WorkerEnvironment {

    private static final Set<String> KEPT = Set.of("PATH", "LANG", "TZ");
    private static final String LOCALE = "LC_";

    /** The variables of which the first one that is set decides about the encoding. */
    private static final List<String> LOCALES = List.of("LC_ALL", "LC_CTYPE", "LANG");

    private static final String UTF_8 = "C.UTF-8";

    private WorkerEnvironment() {}

    /**
     * Removes from Karaf's environment all variables but those by which programs find others, and those for language
     * and time.
     */
    public static Map<String, String> cleaned(Map<String, String> environment) {
        environment.keySet().removeIf(name -> !KEPT.contains(name) && !name.startsWith(LOCALE));
        return environment;
    }

    /** Makes UTF-8 the encoding of texts and of files' names, where the locale has another one. */
    public static void useUtf8(Map<String, String> environment) {
        String decides = LOCALES.stream()
                .filter(name -> !environment.getOrDefault(name, "").isEmpty())
                .findFirst()
                .orElse("");
        String encoding = environment.getOrDefault(decides, "").toUpperCase(Locale.ROOT);
        if (!encoding.contains(".UTF-8") && !encoding.contains(".UTF8")) {
            environment.put(decides.equals(LOCALES.get(0)) ? LOCALES.get(0) : LOCALES.get(1), UTF_8);
        }
    }
}
