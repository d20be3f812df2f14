package org.handoff.worker.pool.internal.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeSet;

import org.handoff.worker.pool.internal.config.NativeSettings;

/**
 * The code that workers run for one handler: equal objects stand for the same behaviour.
 *
 * @param bundle the symbolic name of its bundle; the pool's name for a program
 * @param label its bundle's name, version and number, for people
 * @param component the name of its component, or null
 * @param bundles the files of the bundles it needs; its own is the first. Empty for a program
 * @param configurations the files of the configurations that these bundles use, by PID; a file never changes
 * @param program the program in place of a bundle; null for a bundle
 * @param folder the folder whose files are served in place of a bundle; null for a bundle
 */
public record Code(
        String bundle,
        String label,
        String component,
        List<Path> bundles,
        SortedMap<String, Path> configurations,
        NativeSettings program,
        Path folder) {

    /** Of a bundle without configurations. */
    public Code(String bundle, String label, String component, List<Path> bundles) {
        this(bundle, label, component, bundles, Collections.emptySortedMap());
    }

    /** Of a bundle. */
    public Code(
            String bundle, String label, String component, List<Path> bundles, SortedMap<String, Path> configurations) {
        this(bundle, label, component, bundles, configurations, null, null);
    }

    /** Of a program, which all workers of a pool run. */
    static Code of(String pool, NativeSettings program) {
        return new Code(
                pool,
                String.join(" ", program.command()),
                null,
                List.of(),
                Collections.emptySortedMap(),
                program,
                null);
    }

    /** Of the files in a folder, which the workers serve by themselves. */
    static Code of(String pool, Path folder) {
        return new Code(pool, "the files of " + folder, null, List.of(), Collections.emptySortedMap(), null, folder);
    }

    /** Its name for messages. */
    String description() {
        if (program != null) {
            return "the program " + label;
        }
        if (folder != null) {
            return label;
        }
        return (component == null ? "a handler" : component) + " of bundle " + label;
    }

    /** What mends it where it does not start: the end of a message. */
    String remedy() {
        return configurations.isEmpty()
                ? "; deploy it corrected"
                : "; deploy it corrected, or correct its configuration";
    }

    /** All its files. */
    public Collection<Path> files() {
        List<Path> files = new ArrayList<>(bundles);
        files.addAll(configurations.values());
        return files;
    }

    /** The PIDs of the configurations by which it differs from other code of the same files; empty where more differs. */
    List<String> changedConfigurations(Code former) {
        if (former == null || !former.withConfigurationsOf(this).equals(this)) {
            return List.of();
        }
        TreeSet<String> pids = new TreeSet<>(configurations.keySet());
        pids.addAll(former.configurations.keySet());
        pids.removeIf(pid -> Objects.equals(configurations.get(pid), former.configurations.get(pid)));
        return List.copyOf(pids);
    }

    private Code withConfigurationsOf(Code other) {
        return new Code(bundle, label, component, bundles, other.configurations, program, folder);
    }
}
