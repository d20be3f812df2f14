package org.handoff.worker.pool.internal.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.handoff.worker.protocol.log.EntryReader;
import org.handoff.worker.protocol.log.LogEntry;
import org.handoff.worker.protocol.log.LogLevel;
import org.handoff.worker.protocol.log.Thrown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker's entry as Karaf's log keeps it. */
class VisibleEntryTest {

    private static final String BEGIN = "INFO\t1\tt\tl\t";

    /** The most bytes of an entry that a reader takes. */
    private static final int ENTRY = 128 * 1024;

    @Test
    void hasNoHiddenCharacter() {
        Thrown thrown = new Thrown(
                "x\u001b[2J\n2026-11-27 | ERROR | forged", List.of("a.b\u202e(c)", "at\n2026"), 7, null, List.of());
        LogEntry entry = VisibleEntry.of(
                new LogEntry(LogLevel.INFO, 1, "t\n", "l\u0000", "one\u0007\ntwo", Map.of("k\u0001", "v\n"), thrown));
        Thrown visible = new Thrown(
                "x\\u001b[2J\n\t2026-11-27 | ERROR | forged",
                List.of("a.b\\u202e(c)", "at\\u000a2026"),
                7,
                null,
                List.of());
        assertEquals(
                new LogEntry(
                        LogLevel.INFO,
                        1,
                        "t\\u000a",
                        "l\\u0000",
                        "one\\u0007\n\ttwo",
                        Map.of("k\\u0001", "v\\u000a"),
                        visible),
                entry);
        assertEquals(
                entry,
                VisibleEntry.of(new LogEntry(
                        LogLevel.INFO, 1, "t\n", "l\u0000", "one\u0007\r\ntwo\n", Map.of("k\u0001", "v\n"), thrown)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "\u0001", "\\n", "\u20ac", "\ud83d\ude00", "\udb40\udc01"})
    void isBoundedWhateverAWorkerWrites(String one) {
        for (String shape : List.of(
                BEGIN + filled(one),
                BEGIN + "m\tx" + filled(one),
                BEGIN + "m\tx\ta" + filled(one),
                BEGIN + "m\tx" + ("\ta" + one).repeat(ENTRY / (one.length() + 2)),
                BEGIN + "m\tx" + ("\ta" + one.repeat(100)).repeat(ENTRY / 300),
                BEGIN + "m" + ("\tx" + one.repeat(900) + "\tc" + one.repeat(900)).repeat(20) + "\ta" + one.repeat(9000),
                BEGIN + "m\tx" + ("\ts" + one.repeat(2000) + "\t^").repeat(30),
                BEGIN + contexts(one))) {
            LogEntry read =
                    EntryReader.parse(shape.getBytes(StandardCharsets.UTF_8)).orElseThrow();
            LogEntry entry = VisibleEntry.of(read);
            long characters = characters(entry);
            assertTrue(characters <= LogEntry.ALL + 2_000, characters + " characters of " + shape.substring(0, 30));
            assertTrue(entry.message().length() <= LogEntry.MESSAGE + 1);
            assertTrue(entry.thrown() == null || entry.thrown().text().length() <= Thrown.TEXT + 1);
            assertTrue(frames(entry.thrown()) <= Thrown.FRAMES + Thrown.MOST);
        }
    }

    private static String filled(String one) {
        return one.repeat(ENTRY / one.getBytes(StandardCharsets.UTF_8).length);
    }

    private static String contexts(String one) {
        StringBuilder text = new StringBuilder("m");
        for (int i = 0; i < LogEntry.CONTEXTS; i++) {
            text.append("\tm").append(i).append("=").append(one.repeat(3000));
        }
        return text.toString();
    }

    private static long characters(LogEntry entry) {
        long context = entry.context().entrySet().stream()
                .mapToLong(one -> one.getKey().length() + one.getValue().length())
                .sum();
        return entry.thread().length()
                + entry.logger().length()
                + entry.message().length()
                + context
                + characters(entry.thrown());
    }

    private static long characters(Thrown thrown) {
        return thrown == null
                ? 0
                : thrown.text().length()
                        + thrown.frames().stream().mapToLong(String::length).sum()
                        + characters(thrown.cause())
                        + thrown.suppressed().stream()
                                .mapToLong(VisibleEntryTest::characters)
                                .sum();
    }

    private static long frames(Thrown thrown) {
        return thrown == null
                ? 0
                : thrown.frames().size()
                        + frames(thrown.cause())
                        + thrown.suppressed().stream()
                                .mapToLong(VisibleEntryTest::frames)
                                .sum();
    }
}
