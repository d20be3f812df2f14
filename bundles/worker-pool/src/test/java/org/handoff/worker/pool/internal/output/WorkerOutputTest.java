package org.handoff.worker.pool.internal.output;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.handoff.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a process's output on its way to the log. */
class WorkerOutputTest {

    private static final int KIB = 1024;

    private final List<String> log = new CopyOnWriteArrayList<>();

    private WorkerOutput carry(OutputBudget budget, String text) {
        return carry(budget, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private WorkerOutput carry(OutputBudget budget, InputStream text) {
        WorkerOutput output = new WorkerOutput("p-1", budget, log::add, null);
        output.carry(text);
        return output;
    }

    private static OutputBudget enough() {
        return new OutputBudget(KIB * KIB, KIB * KIB, null);
    }

    @Test
    void linesComeOneByOne() {
        WorkerOutput output = carry(enough(), "one\r\n\n  \ntwo\tñ\nthree");
        assertEquals(List.of("one", "two\tñ", "three"), log);
        assertEquals("three", output.last());
    }

    @Test
    void lastLineOfAllIsKnownWhenTheOutputHasEnded() throws Exception {
        WorkerOutput output = new WorkerOutput("p-1", enough(), log::add, null);
        CompletableFuture<String> last = output.lastOfAll();
        output.carry(new ByteArrayInputStream("of a debugger\n".getBytes(StandardCharsets.UTF_8)));
        assertFalse(last.isDone());
        output.carryAll(new ByteArrayInputStream("one\ntwo".getBytes(StandardCharsets.UTF_8)));
        assertEquals("two", last.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void lastLineSoFarIsKnownWhereAChildHoldsTheOutputOpen() throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "sleep 300 & echo $!").start();
        WorkerOutput output = new WorkerOutput("p-1", process, null);
        process.onExit().join();
        await("the line", () -> !output.last().isEmpty());
        ProcessHandle child = ProcessHandle.of(Long.parseLong(output.last())).orElseThrow();
        try {
            assertEquals(
                    Long.toString(child.pid()), output.lastOfAll().get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
            assertTrue(child.isAlive());
        } finally {
            child.destroyForcibly();
        }
    }

    @Test
    void lineWithoutAnEndComesInParts() {
        carry(enough(), "a".repeat(20_000));
        assertEquals(
                List.of(8192, 8192, 20_000 - 2 * 8192),
                log.stream().map(String::length).toList());
    }

    @ParameterizedTest
    @CsvSource({
        "1b, \\u001b",
        "9b, \\u009b",
        "90, \\u0090",
        "07, \\u0007",
        "08, \\u0008",
        "7f, \\u007f",
        "00, \\u0000",
        "202e, \\u202e",
        "2028, \\u2028",
        "0d, \\u000d",
        "85, \\u0085",
        "e0001, \\udb40\\udc01"
    })
    void whatWouldActOnATerminalIsMadeVisible(String code, String visible) {
        String c = Character.toString(Integer.parseInt(code, 16));
        WorkerOutput output = carry(enough(), "a" + c + "[31mb\n");
        assertEquals(List.of("a" + visible + "[31mb"), log);
        assertEquals("a" + visible + "[31mb", output.last());
    }

    @Test
    void twentyMegabytesOfShortLinesAreCountedAndNotWritten() {
        byte[] line = "0123456789\n".getBytes(StandardCharsets.UTF_8);
        int lines = 20_000_000 / line.length;
        WorkerOutput output = carry(new OutputBudget(KIB, 64 * KIB, null), new InputStream() {

            private long at;

            @Override
            public int read() {
                return at == (long) lines * line.length ? -1 : line[(int) (at++ % line.length)];
            }
        });
        List<String> counts = log.stream().filter(one -> one.startsWith("… ")).toList();
        long written = log.size() - counts.size();
        assertTrue(written >= 64 * KIB / 200 && written < 64 * KIB / 10, written + " lines");
        assertEquals(
                lines - written,
                counts.stream()
                        .mapToLong(one -> Long.parseLong(one.split(" ")[1]))
                        .sum());
        assertEquals("0123456789", output.last(), "the last one is known though it is not in the log");
    }

    @Test
    void threadDumpThatWasAskedForIsWrittenWhateverCameBefore() {
        WorkerOutput output = carry(new OutputBudget(0, 1000, null), "line\n".repeat(20));
        int before = log.size();
        output.expect();
        output.carry(new ByteArrayInputStream("the dump\n".getBytes(StandardCharsets.UTF_8)));
        assertEquals(List.of("the dump"), log.subList(before, log.size()));
    }

    @Test
    void allTogetherHaveABudgetToo() {
        OutputBudget all = new OutputBudget(0, 1000, null);
        long now = System.nanoTime();
        OutputBudget one = new OutputBudget(0, 1000, all);
        OutputBudget other = new OutputBudget(0, 1000, all);
        assertTrue(one.takes(500, now));
        assertEquals(false, other.takes(500, now), "100 for the line itself");
        assertTrue(other.takes(200, now));
    }

    @Test
    void budgetComesBackWithTime() {
        OutputBudget budget = new OutputBudget(1000, 500, null);
        long now = System.nanoTime();
        assertTrue(budget.takes(400, now));
        assertEquals(false, budget.takes(0, now));
        assertTrue(budget.takes(0, now + 200_000_000));
        budget.refill();
        assertTrue(budget.takes(400, now + 200_000_000));
        assertTrue(budget.takes(400, now + 10_000_000_000L));
        assertEquals(false, budget.takes(400, now + 10_000_000_000L), "a silence is worth no more than a burst");
    }
}
