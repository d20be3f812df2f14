package org.handoff.worker.pool.internal.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.config.Brought;
import org.osgi.framework.Bundle;
import org.osgi.framework.Filter;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleCapability;

/**
 * The files of bundles and of their needs, and of the configurations of both, at one moment. Each is found once: a
 * bundle may have a thousand handlers, and all bundles the same needs. Changes of configurations that come before the
 * close may be missing here.
 */
public final class HandlerFiles implements AutoCloseable {

    /**
     * What is run together.
     *
     * @param bundles the first one registers the handler
     * @param services further services that they need, beside those that show
     */
    public record Root(List<Bundle> bundles, List<ServiceReference<?>> services) {

        /** A handler's bundle. */
        public static Root of(Bundle bundle) {
            return new Root(List.of(bundle), List.of());
        }
    }

    /** A bundle, with those of its services that are needed, and whether it is the handler's own. */
    private record Use(Bundle bundle, Collection<ServiceReference<?>> services, boolean isHandlers) {}

    private final BundleClosure all;
    private final BundleClosure.Moment closure;
    private final BundleStore store;
    private final UsedConfigurations.Moment configurations;
    private final ConfigurationStore configurationStore;
    private final Filter filter;
    private final BroughtBundles brought;
    private final Map<Root, BundleClosure.Needed> needs = new HashMap<>();
    private final Map<Bundle, Path> copies = new HashMap<>();
    private final Map<Use, SortedMap<String, Path>> configurationFiles = new HashMap<>();

    /**
     * @param replaced the capabilities in whose place the pool's workers have others
     * @throws IOException if Configuration Admin cannot read its configurations
     */
    public HandlerFiles(
            BundleClosure closure,
            BundleStore store,
            UsedConfigurations configurations,
            ConfigurationStore configurationStore,
            Brought brought,
            Predicate<BundleCapability> replaced)
            throws IOException {
        this.all = closure;
        this.closure = closure.now(replaced);
        this.store = store;
        this.configurations = configurations.now();
        this.configurationStore = configurationStore;
        this.filter = brought.configurations();
        this.brought = closure.brought(brought);
    }

    /** What the pool's configuration names and there is not, for people; empty for nothing. */
    public String missing() {
        return brought.missing();
    }

    /** The files of what is run together and of all its needs, its own first. @throws IOException if one cannot be copied */
    public List<Path> of(Root root) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Bundle needed : needed(root).bundles()) {
            files.add(copy(needed));
        }
        return files;
    }

    /**
     * The files of the configurations that what is run together and all its needs use, by PID.
     *
     * @throws IOException if one cannot be written
     */
    public SortedMap<String, Path> configurationsOf(Root root) throws IOException {
        SortedMap<String, Path> files = new TreeMap<>();
        for (Map.Entry<Bundle, Collection<ServiceReference<?>>> needed :
                needed(root).services().entrySet()) {
            Bundle its = needed.getKey();
            files.putAll(configurationsOf(
                    new Use(its, needed.getValue(), root.bundles().contains(its))));
        }
        if (filter != null) {
            write(configurations.matching(filter)).forEach(files::putIfAbsent);
        }
        return files;
    }

    /**
     * A configuration that Karaf does not have, as a file.
     *
     * @throws IOException if it cannot be written
     */
    public Path configuration(Map<String, ?> values) throws IOException {
        return configurationStore.file(values);
    }

    /** The service of a type that code would get by this filter now, if there is one. */
    public List<ServiceReference<?>> service(String type, Filter wanted) {
        all.awaits(type);
        return all.bound(type, wanted.toString(), false);
    }

    /** What bundles find in a worker otherwise than in Karaf, for people; empty for nothing. */
    public String remark(Root root) {
        return EventLimits.remark(
                needed(root).services().values().stream().flatMap(Collection::stream),
                root.bundles().stream()
                        .flatMap(one -> closure.described(one).stream())
                        .toList());
    }

    @Override
    public void close() {
        configurations.close();
    }

    private BundleClosure.Needed needed(Root root) {
        return needs.computeIfAbsent(
                root,
                own -> closure.of(
                        Stream.concat(own.bundles().stream(), brought.bundles().stream())
                                .toList(),
                        own.services()));
    }

    private SortedMap<String, Path> configurationsOf(Use use) throws IOException {
        SortedMap<String, Path> files = configurationFiles.get(use);
        if (files == null) {
            files = write(
                    configurations.of(use.bundle(), closure.described(use.bundle()), use.services(), use.isHandlers()));
            configurationFiles.put(use, files);
        }
        return files;
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
