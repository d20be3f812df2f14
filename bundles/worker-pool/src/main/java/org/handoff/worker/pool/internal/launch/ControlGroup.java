package org.handoff.worker.pool.internal.launch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.handoff.worker.pool.internal.config.RunAs;

/**
 * Control groups (version 2) for pools, below Karaf's delegated one. The kernel lets no group limit the groups below it
 * while it has processes itself, so Karaf first moves to a group below its own.
 */
final class ControlGroup {

    /** Karaf's group, beside those of its pools. */
    private static final String KARAF = "handoff-karaf";

    private static final String POOL = "handoff-pool-";
    private static final String PROCESSES = "cgroup.procs";
    private static final String ENABLED = "cgroup.subtree_control";
    private static final Path PROC = Path.of("/proc/self");
    // The fields of a line of /proc/self/mountinfo.
    private static final int MOUNT_POINT = 4;
    private static final String NO_PROCESS_LEFT = "No such process";

    private final Path top;

    /** @param own the folder of Karaf's group */
    ControlGroup(Path own) {
        top = own.endsWith(KARAF) ? own.getParent() : own;
    }

    /** @throws IOException if the machine has no groups of version 2 */
    static ControlGroup ofKaraf() throws IOException {
        String own = lines(PROC.resolve("cgroup"))
                .filter(line -> line.startsWith("0::/"))
                .findFirst()
                .orElseThrow(() -> new IOException("this machine has no control groups of version 2"))
                .substring("0::/".length());
        String mounted = lines(PROC.resolve("mountinfo"))
                .filter(line -> line.contains(" - cgroup2 "))
                .findFirst()
                .orElseThrow(() -> new IOException("no file system of control groups of version 2 is mounted"))
                .split(" ")[MOUNT_POINT];
        return new ControlGroup(Path.of(mounted).resolve(own));
    }

    private static Stream<String> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream();
    }

    /**
     * Makes a pool's group, or changes its limits.
     *
     * @return the file {@code cgroup.procs}, to which a process writes its number to join
     * @throws IOException if the system refuses, or Karaf's group lacks a controller
     */
    synchronized Path of(String pool, RunAs limits) throws IOException {
        if (limits.memory() > 0) {
            enable("memory");
        }
        if (limits.cpuMicros() > 0) {
            enable("cpu");
        }
        Path group = Files.createDirectories(top.resolve(POOL + pool));
        limit(group.resolve("memory.max"), limits.memory() == 0 ? "" : Long.toString(limits.memory()));
        limit(
                group.resolve("cpu.max"),
                limits.cpuMicros() == 0 ? "" : limits.cpuMicros() + " " + RunAs.CPU_PERIOD_MICROS);
        return group.resolve(PROCESSES);
    }

    /** Sets a limit, or removes a former one. */
    private static void limit(Path file, String value) throws IOException {
        if (!value.isEmpty() || Files.exists(file)) {
            Files.writeString(file, value.isEmpty() ? "max" : value);
        }
    }

    private void enable(String controller) throws IOException {
        if (words(top.resolve(ENABLED)).contains(controller)) {
            return;
        }
        if (!words(top.resolve("cgroup.controllers")).contains(controller)) {
            throw new IOException("Karaf's control group " + top + " has no controller " + controller);
        }
        Path leaf = Files.createDirectories(top.resolve(KARAF));
        for (String process : lines(top.resolve(PROCESSES)).toList()) {
            move(process, leaf.resolve(PROCESSES));
        }
        Files.writeString(top.resolve(ENABLED), "+" + controller);
    }

    private static void move(String process, Path to) throws IOException {
        try {
            Files.writeString(to, process);
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains(NO_PROCESS_LEFT)) {
                throw e;
            }
        }
    }

    private static List<String> words(Path file) throws IOException {
        return List.of(Files.readString(file).strip().split("\\s+"));
    }
}
