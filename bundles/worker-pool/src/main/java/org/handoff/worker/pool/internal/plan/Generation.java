package org.handoff.worker.pool.internal.plan;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.handoff.worker.pool.internal.config.NativeSettings;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.protocol.Variable;
import org.handoff.worker.protocol.generation.GenerationFile;

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
        return new NumberedFiles(this, !former.isEmpty() && !configurations().isEmpty()).file();
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

    /** The files of all configurations, each once. */
    public Set<Path> configurations() {
        Set<Path> configurations = new LinkedHashSet<>();
        handlers.forEach(
                handler -> configurations.addAll(handler.configurations().values()));
        return configurations;
    }

    @Override
    public String toString() {
        return "generation " + number;
    }
}
