package org.handoff.worker.pool.internal.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.handoff.testkit.Await;
import org.handoff.worker.pool.internal.output.OutputBudget;
import org.handoff.worker.pool.internal.output.WorkerOutput;
import org.junit.jupiter.api.Test;

class DumpProgramTest {

    private static final int LONG = 600;

    private final List<String> log = new CopyOnWriteArrayList<>();
    private final WorkerOutput output = new WorkerOutput("app-1", OutputBudget.ofWorker(), log::add, null);

    @Test
    void itsLinesAreTheWorkersAndThereWhenItIsDone() throws Exception {
        start(LONG, "sh", "-c", "echo of $0; echo and more >&2; echo $HOME$USER; cat", "17")
                .get(LONG, TimeUnit.SECONDS);
        assertEquals(List.of("of 17", "and more"), log, "without Karaf's environment and input");
    }

    @Test
    void oneThatFailsSaysHow() {
        assertFails("exit status 3", start(LONG, "sh", "-c", "echo no rights; exit 3"));
        assertEquals(List.of("no rights"), log);
        assertFails("/nowhere/gdb", start(LONG, "/nowhere/gdb"));
    }

    @Test
    void oneThatDoesNotEndIsKilledWithItsChildren() throws Exception {
        // Again with more time where the machine has not even started the processes.
        for (int seconds = 1; log.size() < 2; seconds *= 2) {
            log.clear();
            assertFails(
                    "killed after " + seconds + " s", start(seconds, "sh", "-c", "echo $$; sleep 600 & echo $!; wait"));
        }
        for (String pid : log) {
            Await.await(
                    "the end of process " + pid,
                    () -> ProcessHandle.of(Long.parseLong(pid))
                            .filter(ProcessHandle::isAlive)
                            .isEmpty());
        }
    }

    @Test
    void oneThatPrintsWithoutEndIsKilledAndTheLogIsBounded() {
        assertFails("killed after 1 s", start(1, "yes", "x".repeat(1000)));
        Await.await("the count of dropped lines", () -> log.stream().anyMatch(line -> line.contains("are dropped")));
        long bytes = log.stream().mapToLong(String::length).sum();
        assertTrue(bytes < 64 << 20, "bytes in the log: " + bytes);
    }

    private CompletableFuture<Void> start(int seconds, String... command) {
        return DumpProgram.start("app-1", List.of(command), output, seconds);
    }

    private static void assertFails(String reason, CompletableFuture<Void> done) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> done.get(LONG, TimeUnit.SECONDS));
        assertTrue(failure.getCause().getMessage().contains(reason), failure::toString);
    }
}
