package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory a process has, as the kernel counts it. */
final class ResidentMemory {

    private ResidentMemory() {
    }

    /** The resident bytes of a process, or -1 if it has just gone. */
    static long of(long pid) {
        try (var lines = Files.lines(Path.of("/proc", Long.toString(pid), "status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:")).findFirst()
                    .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024).orElse(-1L);
        } catch (IOException e) {
            return -1;
        }
    }
}
