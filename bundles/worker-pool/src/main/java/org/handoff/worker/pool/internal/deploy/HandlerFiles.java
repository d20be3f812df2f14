package org.handoff.worker.pool.internal.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.osgi.framework.Bundle;

/**
 * The files of bundles and of their needs, at one moment. Each is found once: a bundle may have a thousand handlers,
 * and all bundles the same needs.
 */
public final class HandlerFiles {

    private final BundleClosure.Moment closure;
    private final BundleStore store;
    private final Map<Bundle, List<Path>> files = new HashMap<>();
    private final Map<Bundle, Path> copies = new HashMap<>();

    public HandlerFiles(BundleClosure.Moment closure, BundleStore store) {
        this.closure = closure;
        this.store = store;
    }

    /** The files of a bundle and of all its needs, its own first. @throws IOException if one cannot be copied */
    public List<Path> of(Bundle bundle) throws IOException {
        List<Path> found = files.get(bundle);
        if (found == null) {
            found = new ArrayList<>();
            for (Bundle needed : closure.of(bundle)) {
                found.add(copy(needed));
            }
            files.put(bundle, found);
        }
        return found;
    }

    private Path copy(Bundle bundle) throws IOException {
        Path copy = copies.get(bundle);
        if (copy == null) {
            copy = store.file(bundle);
            copies.put(bundle, copy);
        }
        return copy;
    }
}
