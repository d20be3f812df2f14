package org.handoff.worker.protocol.generation;

import java.nio.file.Path;
import java.util.List;

/**
 * One handler as the generation file declares it.
 *
 * @param number its number in the file, by which READY names it
 * @param bundle the number of the bundle that registers it; 0 for files
 * @param component the name of its Declarative Services component, or null for a plain service
 * @param files the folder whose files are served in place of a bundle's handler, or null
 * @param contexts the contexts it answers, at least one
 * @param host the only host it answers, in lower case, or empty for any
 */
public record HandlerEntry(int number, int bundle, String component, Path files, List<String> contexts, String host) {

    /** Keeps a copy of the contexts. */
    public HandlerEntry {
        contexts = List.copyOf(contexts);
    }

    /** The handler of a bundle. */
    public HandlerEntry(int number, int bundle, String component, List<String> contexts, String host) {
        this(number, bundle, component, null, contexts, host);
    }

    /** The files of a folder. */
    public static HandlerEntry ofFiles(int number, Path files, List<String> contexts, String host) {
        return new HandlerEntry(number, 0, null, files, contexts, host);
    }
}
