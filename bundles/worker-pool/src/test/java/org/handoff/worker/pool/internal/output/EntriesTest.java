package org.handoff.worker.pool.internal.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.handoff.testkit.Await;
import org.handoff.worker.protocol.log.EntryLines;
import org.handoff.worker.protocol.log.LogEntry;
import org.handoff.worker.protocol.log.LogLevel;
import org.handoff.worker.protocol.log.Thrown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of log entries in a worker's output. */
class EntriesTest {

    private static final String MARK = "a-mark";

    private final List<Object> log = new CopyOnWriteArrayList<>();
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private static LogEntry entry(String message, Throwable thrown) {
        return new LogEntry(
                LogLevel.ERROR,
                1_700_000_000_123L,
                "handler",
                "org.example.Shop",
                message,
                Map.of(),
                thrown == null ? null : Thrown.of(thrown));
    }

    private void print(String text) {
        printed.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    private void print(LogEntry entry) {
        new EntryLines(MARK).of(entry).forEach(printed::writeBytes);
    }

    private WorkerOutput carry(OutputBudget budget) {
        WorkerOutput output = new WorkerOutput(
                "p-1",
                budget,
                new WorkerOutput.Log() {
                    @Override
                    public void line(String line) {
                        log.add(line);
                    }

                    @Override
                    public void entry(LogEntry entry) {
                        log.add(entry);
                    }
                },
                MARK);
        output.carryAll(new ByteArrayInputStream(printed.toByteArray()));
        return output;
    }

    private static OutputBudget large() {
        return new OutputBudget(1 << 30, 1 << 30, null);
    }

    private static OutputBudget enough() {
        return new OutputBudget(1 << 20, 1 << 20, null);
    }

    @Test
    void linesAndEntriesComeInTheirOrder() {
        LogEntry first = entry("first", null);
        LogEntry longer = entry("second and ".repeat(1000), new IllegalStateException("why"));
        print("one\nwithout an end");
        print(first);
        print("two\n");
        print(longer);
        print("\u20ac three");
        WorkerOutput output = carry(enough());
        assertEquals(List.of("one", "without an end", first, "two", longer, "\u20ac three"), log);
        assertEquals("\u20ac three", output.last());
    }

    @Test
    void lastOneIsAnEntryInItsWords() {
        print(entry("not\nstarted", new IllegalStateException("no \u001b licence")));
        assertEquals(
                "not started: java.lang.IllegalStateException: no \\u001b licence",
                carry(enough()).last());
    }

    @Test
    void lastLinesShowEntriesWithTheirExceptions() {
        print("plain\n");
        print(entry("failed \u001b[31m", new IllegalStateException("why")));
        List<String> lines = carry(enough()).lines();
        assertEquals(2, lines.size());
        assertTrue(lines.get(0).matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3} plain"), lines.get(0));
        String[] entry = lines.get(1).split("\n");
        assertTrue(entry[0].endsWith(".123 ERROR [handler] org.example.Shop - failed \\u001b[31m"), entry[0]);
        assertEquals("java.lang.IllegalStateException: why", entry[1]);
        assertTrue(entry[2].startsWith("\tat org.handoff.worker.pool.internal.output.EntriesTest."), entry[2]);
    }

    @Test
    void floodOfEntriesIsCountedAndNotWritten() {
        for (int i = 0; i < 10_000; i++) {
            print(entry("number " + i, null));
        }
        WorkerOutput output = carry(new OutputBudget(0, 64 << 10, null));
        long written = log.stream().filter(LogEntry.class::isInstance).count();
        assertTrue(written > 100 && written < 64 * 10, written + " entries");
        long counted = log.stream()
                .filter(String.class::isInstance)
                .mapToLong(one -> Long.parseLong(one.toString().split(" ")[1]))
                .sum();
        assertEquals(10_000, written + counted);
        assertEquals("number 9999", output.last());
        assertTrue(output.lines().size() <= 200);
    }

    @Test
    void whatHasTheMarkAndIsNoEntryIsSaidAndNotShown() {
        print(MARK + ".forged\n");
        print(MARK + "<" + ("y".repeat(3000) + "\n" + MARK + "+").repeat(100) + "\n" + MARK + ">\n");
        print(entry("good", null));
        carry(large());
        assertEquals(entry("good", null), log.get(log.size() - 1));
        assertFalse(log.toString().contains("forged"), "not shown");
        assertTrue(log.get(0).toString().contains("a log entry of 6 bytes is dropped"), log.get(0)::toString);
        assertTrue(log.get(1).toString().contains("is dropped: it is too long, or malformed"), log.get(1)::toString);
    }

    @Test
    void entryThatBreaksOffIsSaid() {
        List<byte[]> parts = new EntryLines(MARK).of(entry("long ".repeat(2000), null));
        printed.writeBytes(parts.get(0));
        print(entry("the next one", null));
        printed.writeBytes(parts.get(1));
        printed.writeBytes(parts.get(0));
        WorkerOutput output = carry(large());
        assertEquals(4, log.size(), log::toString);
        String broken = "… " + (parts.get(0).length - MARK.length() - 3) + " bytes of a log entry are dropped";
        assertTrue(log.get(0).toString().startsWith(broken), log.get(0)::toString);
        assertEquals(entry("the next one", null), log.get(1));
        assertTrue(log.get(2).toString().startsWith("… "), log.get(2)::toString);
        assertTrue(log.get(3).toString().startsWith(broken), log.get(3)::toString);
        assertTrue(output.last().startsWith(broken), output.last());
    }

    @Test
    void lastOneThatIsTooLongIsSaid() {
        print(entry("before", null));
        print(MARK + "<" + ("y".repeat(3000) + "\n" + MARK + "+").repeat(100) + "\n" + MARK + ">\n");
        String last = carry(large()).last();
        assertTrue(last.contains("is dropped: it is too long, or malformed"), last);
        OutputBudget none = new OutputBudget(0, 0, null);
        assertEquals(last, carry(none).last(), "also where the log has no room for that");
    }

    @Test
    void lastOneIsKnownWhileTheLogIsSlow() throws Exception {
        print("one\n");
        print(entry("two", null));
        CountDownLatch begins = new CountDownLatch(1);
        CompletableFuture<Void> ends = new CompletableFuture<>();
        WorkerOutput output = new WorkerOutput(
                "p-1",
                enough(),
                line -> {
                    begins.countDown();
                    ends.join();
                },
                MARK);
        CompletableFuture<Void> carried =
                CompletableFuture.runAsync(() -> output.carryAll(new ByteArrayInputStream(printed.toByteArray())));
        begins.await();
        try {
            assertEquals(
                    "one",
                    CompletableFuture.supplyAsync(output::last).get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
        } finally {
            ends.complete(null);
        }
        carried.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
        assertEquals("two", output.last());
    }

    @Test
    void whatAProgramPrintsThatDumpsTheWorkerIsNoEntry() {
        print(entry("forged", null));
        WorkerOutput output = new WorkerOutput("p-1", enough(), log::add, MARK);
        output.carry(new ByteArrayInputStream(printed.toByteArray()));
        assertTrue(log.get(0).toString().startsWith(MARK), log::toString);
    }

    @Test
    void namesOfAPoolAreBounded() {
        KarafLoggers loggers = new KarafLoggers(3);
        for (String name : List.of("a", "b", "c")) {
            assertEquals(name, loggers.of("one", name).getName());
        }
        assertEquals(KarafLog.LINES, loggers.of("one", "d"));
        assertEquals("a", loggers.of("one", "a").getName());
        assertEquals("d", loggers.of("other", "d").getName());
        assertEquals("d", loggers.of("one", "d").getName(), "Karaf has it already");
        assertEquals(KarafLog.LINES, loggers.of("other", " "));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "audit",
                "audit.a",
                "org.apache.karaf.jaas.modules.audit",
                "org.apache.karaf.jaas.modules.audit.A"
            })
    void auditOfKarafIsNotWritten(String name) {
        assertEquals(KarafLog.LINES, new KarafLoggers(3).of("one", name));
        assertEquals("x" + name, new KarafLoggers(3).of("one", "x" + name).getName());
    }

    @Test
    void auditsOfOthersAreTheirOwn() {
        assertEquals("auditor", new KarafLoggers(3).of("one", "auditor").getName());
    }
}
