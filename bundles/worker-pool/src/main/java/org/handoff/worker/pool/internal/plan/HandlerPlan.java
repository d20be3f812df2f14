package org.handoff.worker.pool.internal.plan;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;

/**
 * One handler as a generation's workers run it.
 *
 * @param contexts its contexts
 * @param host the only host, in lower case; empty for any
 */
public record HandlerPlan(Code code, List<String> contexts, String host) {

    public String description() {
        return code.description();
    }

    /** The name of its component, or null. */
    String component() {
        return code.component();
    }

    /** The folder whose files are served in place of a bundle, or null. */
    Path folder() {
        return code.folder();
    }

    /** The files of the bundles it needs; its own is the first. */
    List<Path> bundles() {
        return code.bundles();
    }

    /** The files of the configurations that its bundles use, by PID. */
    SortedMap<String, Path> configurations() {
        return code.configurations();
    }

    List<Place> places() {
        return contexts.stream().map(context -> new Place(host, context)).toList();
    }
}
