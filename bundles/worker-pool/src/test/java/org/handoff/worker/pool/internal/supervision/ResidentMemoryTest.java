package org.handoff.worker.pool.internal.supervision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

class ResidentMemoryTest {

    @Test
    void aTreeHasTheMemoryOfAllItsProcesses() throws Exception {
        // The child of a child says when all of them are there, and all of them end with their input.
        Process shell = new ProcessBuilder("sh", "-c", "sh -c 'sh -c \"echo there; read end; :\"; :'; :").start();
        try {
            assertEquals("there", shell.inputReader().readLine());
            List<Long> all = ProcessHandle.of(shell.pid()).stream()
                    .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                    .map(ProcessHandle::pid)
                    .toList();
            assertEquals(3, all.size());
            long sum = all.stream().mapToLong(ResidentMemory::of).sum();
            assertTrue(sum > ResidentMemory.of(shell.pid()));
            assertEquals(sum, ResidentMemory.ofTree(shell.pid()));
        } finally {
            shell.getOutputStream().close();
            assertEquals(0, shell.waitFor());
        }
        assertEquals(-1, ResidentMemory.ofTree(shell.pid()));
    }
}
