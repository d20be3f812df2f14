package org.handoff.worker.pool.internal.supervision;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The resident memory of processes, as the kernel counts it. */
public final class ResidentMemory {

    private ResidentMemory() {}

    /** The resident bytes of a process, or -1 if it has just gone. */
    public static long of(long pid) {
        try (var lines = Files.lines(process(pid).resolve("status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .orElse(-1L);
        } catch (IOException | UncheckedIOException e) {
            return -1;
        }
    }

    /** The resident bytes of a process and its descendants, or -1 if it has just gone. */
    public static long ofTree(long pid) {
        long own = of(pid);
        // A process that has gone meanwhile has no memory.
        return own < 0
                ? own
                : own
                        + children(pid).stream()
                                .mapToLong(child -> Math.max(0, ofTree(child)))
                                .sum();
    }

    /** Found by the threads that started them: searching by the parent's number would mean reading of every process. */
    private static List<Long> children(long pid) {
        try (Stream<Path> threads = Files.list(process(pid).resolve("task"))) {
            return threads.flatMap(thread -> childrenOf(thread).stream()).toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of();
        }
    }

    private static List<Long> childrenOf(Path thread) {
        try {
            String children = Files.readString(thread.resolve("children")).strip();
            return children.isEmpty()
                    ? List.of()
                    : Stream.of(children.split(" ")).map(Long::valueOf).toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Path process(long pid) {
        return Path.of("/proc", Long.toString(pid));
    }
}
