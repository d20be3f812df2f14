package org.handoff.worker.pool.internal.plan;

import java.nio.file.Path;
import java.util.List;

import org.handoff.worker.pool.internal.config.NativeSettings;

/**
 * The code that workers run for one handler: equal objects stand for the same behaviour.
 *
 * @param bundle the symbolic name of its bundle; the pool's name for a program
 * @param label its bundle's name, version and number, for people
 * @param component the name of its component, or null
 * @param bundles the files of the bundles it needs; its own is the first. Empty for a program
 * @param program the program in place of a bundle; null for a bundle
 */
public record Code(String bundle, String label, String component, List<Path> bundles, NativeSettings program) {

    /** Of a bundle. */
    public Code(String bundle, String label, String component, List<Path> bundles) {
        this(bundle, label, component, bundles, null);
    }

    /** Of a program, which all workers of a pool run. */
    static Code of(String pool, NativeSettings program) {
        return new Code(pool, String.join(" ", program.command()), null, List.of(), program);
    }

    /** Its name for messages. */
    String description() {
        if (program != null) {
            return "the program " + label;
        }
        return (component == null ? "a handler" : component) + " of bundle " + label;
    }
}
