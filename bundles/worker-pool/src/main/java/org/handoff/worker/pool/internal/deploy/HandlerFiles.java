package org.handoff.worker.pool.internal.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

import org.osgi.framework.Bundle;

/**
 * The files of bundles and of their needs, and of the configurations of both, at one moment. Each is found once: a bundle may have a thousand handlers,
 * and all bundles the same needs.
 */
public final class HandlerFiles {

    private final BundleClosure.Moment closure;
    private final BundleStore store;
    private final UsedConfigurations.Moment configurations;
    private final ConfigurationStore configurationStore;
    private final Map<Bundle, List<Path>> files = new HashMap<>();
    private final Map<Bundle, Path> copies = new HashMap<>();
    private final Map<Bundle, SortedMap<String, Path>> configurationFiles = new HashMap<>();
    private final Map<Bundle, SortedMap<String, Path>> ownConfigurationFiles = new HashMap<>();

    /** @throws IOException if Configuration Admin cannot read its configurations */
    public HandlerFiles(
            BundleClosure closure,
            BundleStore store,
            UsedConfigurations configurations,
            ConfigurationStore configurationStore)
            throws IOException {
        this.closure = closure.now();
        this.store = store;
        this.configurations = configurations.now();
        this.configurationStore = configurationStore;
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

    /**
     * The files of the configurations that a bundle and all its needs use, by PID.
     *
     * @throws IOException if one cannot be written
     */
    public SortedMap<String, Path> configurationsOf(Bundle bundle) throws IOException {
        SortedMap<String, Path> found = configurationFiles.get(bundle);
        if (found == null) {
            found = new TreeMap<>();
            for (Bundle needed : closure.of(bundle)) {
                found.putAll(ownConfigurationsOf(needed));
            }
            configurationFiles.put(bundle, found);
        }
        return found;
    }

    private SortedMap<String, Path> ownConfigurationsOf(Bundle bundle) throws IOException {
        SortedMap<String, Path> found = ownConfigurationFiles.get(bundle);
        if (found == null) {
            found = write(configurations.of(bundle, closure.described(bundle)));
            ownConfigurationFiles.put(bundle, found);
        }
        return found;
    }

    private SortedMap<String, Path> write(Map<String, Map<String, Object>> used) throws IOException {
        SortedMap<String, Path> written = new TreeMap<>();
        for (Map.Entry<String, Map<String, Object>> one : used.entrySet()) {
            try {
                written.put(one.getKey(), configurationStore.file(one.getValue()));
            } catch (IllegalArgumentException e) {
                throw new IOException("configuration " + one.getKey() + ": " + e.getMessage(), e);
            }
        }
        return written;
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
