package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The code and the configuration that a pool's workers run: what they are told in their generation file.
 *
 * @param number counts up in each pool
 * @param settings what its processes are started with
 * @param handlers what they serve; a handler's number on the wire is its index here plus 1
 */
record Generation(long number, WorkerSettings settings, List<HandlerPlan> handlers) {

    /** Whether workers of this generation do what workers of the other one do. */
    boolean isLike(Generation other) {
        return other != null
                && settings.equals(other.settings)
                && new HashSet<>(handlers).equals(new HashSet<>(other.handlers));
    }

    /** What it runs. */
    Set<Code> code() {
        return handlers.stream().map(HandlerPlan::code).collect(Collectors.toSet());
    }

    /** Writes the generation file, whose form the worker runtime documents (its class Generation). */
    void writeTo(Path file) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("generation", Long.toString(number));
        properties.putAll(settings.http());
        for (int i = 0; i < settings.warmup().size(); i++) {
            properties.setProperty("warmup." + (i + 1), settings.warmup().get(i));
        }
        List<Path> bundles = bundles();
        for (int i = 0; i < bundles.size(); i++) {
            properties.setProperty("bundle." + (i + 1), bundles.get(i).toString());
        }
        for (int i = 0; i < handlers.size(); i++) {
            HandlerPlan handler = handlers.get(i);
            String prefix = "handler." + (i + 1) + ".";
            properties.setProperty(
                    prefix + "bundle",
                    Integer.toString(bundles.indexOf(handler.bundles().get(0)) + 1));
            if (handler.component() != null) {
                properties.setProperty(prefix + "component", handler.component());
            }
            properties.setProperty(prefix + "host", handler.host());
            for (int c = 0; c < handler.contexts().size(); c++) {
                properties.setProperty(
                        prefix + "context." + (c + 1), handler.contexts().get(c));
            }
        }
        try (Writer writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        }
    }

    /** The files of all bundles, each once. */
    List<Path> bundles() {
        Set<Path> bundles = new LinkedHashSet<>();
        handlers.forEach(handler -> bundles.addAll(handler.bundles()));
        return new ArrayList<>(bundles);
    }

    @Override
    public String toString() {
        return "generation " + number;
    }
}
