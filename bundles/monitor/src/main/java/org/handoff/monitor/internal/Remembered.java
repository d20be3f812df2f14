package org.handoff.monitor.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

import org.handoff.http.routing.ContextTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The present contexts, in a file: after a start of Karaf the monitor knows from the first connection on which ones to
 * expect. A line for each: its host, which may be empty, the context and the name of its target, separated by tabs.
 * Everything else works without the file.
 */
final class Remembered {

    private static final Logger LOG = LoggerFactory.getLogger(Remembered.class);

    /** A context that had a target.  */
    record Context(String host, String context, String target) implements Comparable<Context> {

        private static final Comparator<Context> ORDER = Comparator.comparing(Context::context)
                .thenComparing(Context::host)
                .thenComparing(Context::target);

        private String line() {
            return host + '\t' + context + '\t' + target;
        }

        @Override
        public int compareTo(Context other) {
            return ORDER.compare(this, other);
        }
    }

    private final Path file;
    private List<Context> written = List.of();

    /** @param file in an existing folder; null if the framework has no place for files */
    Remembered(Path file) {
        this.file = file;
    }

    /** The contexts written last, in this life of Karaf or a former one. */
    List<Context> read() {
        List<Context> contexts = new ArrayList<>();
        try {
            if (file != null && Files.exists(file)) {
                Files.readAllLines(file).stream()
                        .map(line -> line.split("\t", 3))
                        .filter(Remembered::isPossible)
                        .forEach(parts -> contexts.add(new Context(parts[0], parts[1], parts[2])));
            }
        } catch (IOException e) {
            LOG.warn(
                    "Cannot read the remembered contexts, which are answered 404 until their targets come: {}",
                    e.toString());
        }
        written = List.copyOf(contexts);
        return written;
    }

    private static boolean isPossible(String[] parts) {
        try {
            return parts.length == 3 && ContextTable.validContext(parts[1]).equals(parts[1]);
        } catch (IllegalArgumentException e) {
            LOG.debug("not a context that was written", e);
            return false;
        }
    }

    /** Writes these, if they differ from those written last. */
    void write(Collection<Context> contexts) {
        List<Context> next = List.copyOf(new TreeSet<>(contexts));
        if (file == null || next.equals(written)) {
            return;
        }
        written = next;
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.write(part, next.stream().map(Context::line).toList());
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("The contexts cannot be remembered for the next start of Karaf: {}", e.toString());
        }
    }
}
