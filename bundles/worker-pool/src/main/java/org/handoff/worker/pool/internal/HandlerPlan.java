package org.handoff.worker.pool.internal;

import java.nio.file.Path;
import java.util.List;

/**
 * One handler as a generation's workers run it.
 *
 * @param description what it is called in messages
 * @param component the name of its component, or null
 * @param contexts its contexts
 * @param host the only host, in lower case; empty for any
 * @param bundles the files of the bundles it needs; its own is the first
 */
record HandlerPlan(String description, String component, List<String> contexts, String host, List<Path> bundles) {

    /** Whether the other plan is for the same place, with the same code or another. */
    boolean replaces(HandlerPlan other) {
        return contexts.equals(other.contexts) && host.equals(other.host);
    }
}
