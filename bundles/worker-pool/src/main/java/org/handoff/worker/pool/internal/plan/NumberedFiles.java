package org.handoff.worker.pool.internal.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

import org.handoff.worker.protocol.generation.BundleGroup;
import org.handoff.worker.protocol.generation.GenerationFile;
import org.handoff.worker.protocol.generation.HandlerEntry;

/**
 * The generation file of a generation's Java workers. Its groups keep apart what the framework has now and what former
 * code brings along of its own time: a service that has gone serves nobody else, and one that has come does not change
 * what former code was seen to work with; and each group has the configurations of its time.
 */
final class NumberedFiles {

    /** A bundle to install. @param of the former code that has it for itself; null for none */
    private record Installed(Path jar, Code of) {}

    private final Generation generation;
    private final boolean apart;
    private final Map<Installed, Integer> bundles = new LinkedHashMap<>();
    private final Map<Path, Integer> configurations = new LinkedHashMap<>();

    /** @param apart whether a bundle is installed in each group that has it, because groups configure it differently */
    NumberedFiles(Generation generation, boolean apart) {
        this.generation = generation;
        this.apart = apart;
    }

    GenerationFile file() {
        List<HandlerEntry> entries = new ArrayList<>();
        BundleGroup present = new BundleGroup(new TreeSet<>(), new TreeSet<>());
        Set<BundleGroup> groups = new LinkedHashSet<>();
        for (HandlerPlan handler : generation.handlers()) {
            boolean isFormer = generation.former().contains(handler.code());
            BundleGroup group = isFormer ? new BundleGroup(new TreeSet<>(), new TreeSet<>()) : present;
            Code owner = apart && isFormer ? handler.code() : null;
            for (Path jar : handler.bundles()) {
                group.bundles().add(number(bundles, new Installed(jar, owner)));
            }
            for (Path configuration : handler.configurations().values()) {
                group.configurations().add(number(configurations, configuration));
            }
            if (isFormer && !group.bundles().isEmpty()) {
                groups.add(group);
            }
            int number = entries.size() + 1;
            entries.add(
                    handler.folder() == null
                            ? new HandlerEntry(
                                    number,
                                    bundles.get(new Installed(handler.bundles().get(0), owner)),
                                    handler.component(),
                                    handler.contexts(),
                                    handler.host())
                            : HandlerEntry.ofFiles(number, handler.folder(), handler.contexts(), handler.host()));
        }
        if (!present.bundles().isEmpty()) {
            groups.add(present);
        }
        SortedMap<Integer, Path> jars = new TreeMap<>();
        bundles.forEach((bundle, number) -> jars.put(number, bundle.jar()));
        SortedMap<Integer, Path> files = new TreeMap<>();
        configurations.forEach((file, number) -> files.put(number, file));
        return new GenerationFile(
                generation.number(),
                jars,
                entries,
                files,
                groups.size() < 2 ? List.of() : List.copyOf(groups),
                generation.settings().http(),
                generation.settings().properties());
    }

    private static <T> int number(Map<T, Integer> numbers, T one) {
        return numbers.computeIfAbsent(one, first -> numbers.size() + 1);
    }
}
