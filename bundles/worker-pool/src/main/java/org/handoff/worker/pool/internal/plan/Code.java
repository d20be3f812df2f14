package org.handoff.worker.pool.internal.plan;

import java.nio.file.Path;
import java.util.List;

/**
 * What workers run for one handler: two that are equal do the same.
 *
 * @param bundle the symbolic name of its bundle
 * @param label its bundle's name, version and number, for people
 * @param component the name of its component, or null
 * @param bundles the files of the bundles it needs; its own is the first
 */
public record Code(String bundle, String label, String component, List<Path> bundles) {

    /** What it is called in messages. */
    String description() {
        return (component == null ? "a handler" : component) + " of bundle " + label;
    }
}
