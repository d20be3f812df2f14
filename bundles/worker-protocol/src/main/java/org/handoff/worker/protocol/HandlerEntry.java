package org.handoff.worker.protocol;

import java.util.List;

/**
 * One handler as the generation file declares it.
 *
 * @param number its number in the file, by which READY names it
 * @param bundle the number of the bundle that registers it
 * @param component the name of its Declarative Services component, or null for a plain service
 * @param contexts the contexts it answers, at least one
 * @param host the only host it answers, in lower case, or empty for any
 */
public record HandlerEntry(int number, int bundle, String component, List<String> contexts, String host) {

    /** Keeps a copy of the contexts. */
    public HandlerEntry {
        contexts = List.copyOf(contexts);
    }
}
