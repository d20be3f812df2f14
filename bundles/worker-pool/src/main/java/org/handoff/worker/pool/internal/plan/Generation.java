package org.handoff.worker.pool.internal.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.handoff.worker.pool.internal.config.NativeSettings;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.protocol.GenerationFile;
import org.handoff.worker.protocol.HandlerEntry;
import org.handoff.worker.protocol.Variable;

/**
 * The code and the configuration of a pool's workers, as written into their generation file.
 *
 * @param number counts up in each pool
 * @param settings the settings of its processes
 * @param handlers its handlers; a handler's number on the wire is its index here plus 1
 * @param former its code that the framework has no longer
 */
public record Generation(long number, WorkerSettings settings, List<HandlerPlan> handlers, Set<Code> former) {

    /** Of code that the framework has. */
    public Generation(long number, WorkerSettings settings, List<HandlerPlan> handlers) {
        this(number, settings, handlers, Set.of());
    }

    /** Whether its workers behave like those of the other generation. */
    boolean isLike(Generation other) {
        return other != null
                && settings.equals(other.settings)
                && new HashSet<>(handlers).equals(new HashSet<>(other.handlers));
    }

    /** The code of its handlers. */
    Set<Code> code() {
        return handlers.stream().map(HandlerPlan::code).collect(Collectors.toSet());
    }

    /** The generation file of its Java workers. */
    public GenerationFile file() {
        SortedMap<Integer, Path> numbered = new TreeMap<>();
        Map<Path, Integer> numbers = new HashMap<>();
        for (Path bundle : bundles()) {
            numbers.put(bundle, numbers.size() + 1);
            numbered.put(numbers.size(), bundle);
        }
        List<HandlerEntry> entries = new ArrayList<>();
        for (HandlerPlan handler : handlers) {
            entries.add(new HandlerEntry(
                    entries.size() + 1,
                    numbers.get(handler.bundles().get(0)),
                    handler.component(),
                    handler.contexts(),
                    handler.host()));
        }
        return new GenerationFile(number, numbered, entries, groups(numbers), settings.http());
    }

    /**
     * Keeps apart what the framework has now and what former code brings along of its own time: a service that has gone
     * serves nobody else, and one that has come does not change what former code was seen to work with.
     */
    private List<Set<Integer>> groups(Map<Path, Integer> numbers) {
        Set<Integer> present = new TreeSet<>();
        Set<Set<Integer>> groups = new LinkedHashSet<>();
        for (HandlerPlan handler : handlers) {
            Set<Integer> its = new TreeSet<>();
            handler.bundles().forEach(bundle -> its.add(numbers.get(bundle)));
            if (former.contains(handler.code())) {
                groups.add(its);
            } else {
                present.addAll(its);
            }
        }
        if (!present.isEmpty()) {
            groups.add(present);
        }
        return groups.size() < 2 ? List.of() : List.copyOf(groups);
    }

    /** The program of its workers, in place of handler bundles; null for bundles. */
    public NativeSettings program() {
        return handlers.isEmpty() ? null : handlers.get(0).code().program();
    }

    /** The environment variables of a program, which has no generation file. */
    public Map<String, String> variables() {
        Map<String, String> variables = new TreeMap<>();
        if (program() != null) {
            String contexts = program().contextWords();
            if (!contexts.isEmpty()) {
                variables.put(Variable.CONTEXTS.key(), contexts);
            }
            settings.http().forEach((key, value) -> variables.put(Variable.ofLimit(key), value));
        }
        return variables;
    }

    /** The files of all bundles, each once. */
    public List<Path> bundles() {
        Set<Path> bundles = new LinkedHashSet<>();
        handlers.forEach(handler -> bundles.addAll(handler.bundles()));
        return new ArrayList<>(bundles);
    }

    @Override
    public String toString() {
        return "generation " + number;
    }
}
