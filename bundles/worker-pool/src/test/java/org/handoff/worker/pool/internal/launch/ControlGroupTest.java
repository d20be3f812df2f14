package org.handoff.worker.pool.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.OptionalInt;

import org.handoff.worker.pool.internal.config.RunAs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written where, in a folder that stands for a group of the kernel's: few machines let a test have one. */
class ControlGroupTest {

    @TempDir
    Path own;

    @BeforeEach
    void group() throws IOException {
        Files.writeString(own.resolve("cgroup.controllers"), "cpuset cpu memory\n");
        Files.writeString(own.resolve("cgroup.subtree_control"), "\n");
        Files.writeString(own.resolve("cgroup.procs"), "17\n");
    }

    private static RunAs limits(long memory, long cpuMicros) {
        return new RunAs(null, "", "", "", OptionalInt.empty(), new BitSet(), memory, cpuMicros, "");
    }

    private String text(String file) throws IOException {
        return Files.readString(own.resolve(file));
    }

    @Test
    void karafMovesAsideAndThePoolHasItsLimits() throws IOException {
        Path joined = new ControlGroup(own).of("app", limits(1 << 20, 0));
        assertEquals(own.resolve("handoff-pool-app/cgroup.procs"), joined);
        assertEquals("17", text("handoff-karaf/cgroup.procs"));
        assertEquals("+memory", text("cgroup.subtree_control"));
        assertEquals("1048576", text("handoff-pool-app/memory.max"));
        assertFalse(Files.exists(own.resolve("handoff-pool-app/cpu.max")));
    }

    @Test
    void changedLimitsTakeThePlaceOfTheFormer() throws IOException {
        new ControlGroup(own).of("app", limits(1 << 20, 0));
        Files.writeString(own.resolve("cgroup.subtree_control"), "memory\n");
        new ControlGroup(own.resolve("handoff-karaf")).of("app", limits(0, 150_000));
        assertEquals("max", text("handoff-pool-app/memory.max"));
        assertEquals("150000 100000", text("handoff-pool-app/cpu.max"));
    }

    @Test
    void aMissingControllerIsNamedAndNothingMade() throws IOException {
        Files.writeString(own.resolve("cgroup.controllers"), "hugetlb\n");
        String message = assertThrows(IOException.class, () -> new ControlGroup(own).of("app", limits(1, 0)))
                .getMessage();
        assertTrue(message.endsWith("has no controller memory"), message);
        assertFalse(Files.exists(own.resolve("handoff-pool-app")));
    }
}
