package org.handoff.worker.protocol.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Log entries as lines of output, made and read. */
class LogEntryTest {

    private static final String MARK = "5f0c";

    private final EntryReader reader = new EntryReader(MARK);

    private static LogEntry entry(String message, Thrown thrown) {
        return new LogEntry(
                LogLevel.WARN, 1_700_000_000_123L, "handler", "org.example.Shop", message, Map.of(), thrown);
    }

    /** What a reader makes of the lines of an entry. */
    private Optional<LogEntry> read(LogEntry entry) {
        byte[] taken = null;
        for (byte[] line : new EntryLines(MARK).of(entry)) {
            assertTrue(line.length <= 4096, "a pipe takes no more in one piece");
            assertEquals('\n', line[0]);
            assertEquals('\n', line[line.length - 1]);
            byte[] text = Arrays.copyOfRange(line, 1, line.length - 1);
            if (reader.read(text, text.length) == EntryReader.Line.ENTRY) {
                taken = reader.take();
            }
        }
        return EntryReader.parse(taken);
    }

    private Optional<LogEntry> read(String text) {
        return EntryReader.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void comesAsItWas() {
        Thrown cause = new Thrown("java.io.IOException: no\troom\r\n", List.of("a.B.c(B.java:7)"), 2, null, List.of());
        Thrown suppressed = new Thrown("x.Y", List.of(), 0, cause, List.of());
        Thrown thrown =
                new Thrown("x.Y: \\n", List.of("a.B.d(B.java)", "a.B.e(B.java)"), 0, cause, List.of(suppressed));
        LogEntry entry = new LogEntry(
                LogLevel.ERROR,
                1_700_000_000_123L,
                "handler\t1",
                "org.example.Shop",
                "Käse\n\\t \u20ac \ud83d\ude00 a\tb",
                Map.of("user", "b\u00f6b=\n\t\\", "order", ""),
                thrown);
        assertEquals(Optional.of(entry), read(entry));
        assertEquals(Optional.of(entry("", null)), read(entry("", null)));
    }

    @Test
    void longOneComesInPieces() {
        LogEntry entry = entry("\u20ac".repeat(15_000), null);
        assertTrue(new EntryLines(MARK).of(entry).size() > 10);
        assertEquals(Optional.of(entry), read(entry));
    }

    @Test
    void exceptionKeepsItsCausesAndItsTrace() {
        IOException cause = new IOException("disk");
        IllegalStateException top = new IllegalStateException("shop", cause);
        top.addSuppressed(new RuntimeException("beside"));
        Thrown thrown = read(entry("", Thrown.of(top))).orElseThrow().thrown();
        assertEquals("java.lang.IllegalStateException: shop", thrown.text());
        assertEquals("java.io.IOException: disk", thrown.cause().text());
        assertEquals(
                "java.lang.RuntimeException: beside", thrown.suppressed().get(0).text());
        assertEquals(
                Arrays.stream(top.getStackTrace())
                        .map(StackTraceElement::toString)
                        .toList(),
                thrown.frames());
        assertEquals(
                cause.getStackTrace().length,
                thrown.cause().frames().size() + thrown.cause().common());
        assertTrue(thrown.cause().common() > 0);
    }

    @Test
    void exceptionThatIsItsOwnCauseEnds() {
        RuntimeException one = new RuntimeException("one");
        RuntimeException other = new RuntimeException("other", one);
        one.initCause(other);
        Thrown thrown = Thrown.of(one);
        assertEquals("java.lang.RuntimeException: other", thrown.cause().text());
        assertNull(thrown.cause().cause());
    }

    /** An exception whose methods are not as they should be. */
    private static RuntimeException broken(
            Supplier<StackTraceElement[]> trace, Supplier<Throwable> cause, Runnable text) {
        return new RuntimeException() {

            private static final long serialVersionUID = 1;

            @Override
            public StackTraceElement[] getStackTrace() {
                return trace.get();
            }

            @Override
            public synchronized Throwable getCause() {
                return cause.get();
            }

            @Override
            public String toString() {
                text.run();
                return "text";
            }
        };
    }

    private static <T> T fail() {
        throw new UnsupportedOperationException();
    }

    private static void recurse() {
        recurse();
    }

    static Stream<RuntimeException> brokenOnes() {
        StackTraceElement[] none = {};
        return Stream.of(
                broken(() -> null, () -> null, () -> {}),
                broken(LogEntryTest::fail, () -> null, () -> {}),
                broken(() -> new StackTraceElement[1], () -> null, () -> {}),
                broken(() -> none, LogEntryTest::fail, () -> {}),
                broken(() -> none, () -> null, LogEntryTest::recurse),
                broken(() -> none, () -> null, () -> {
                    throw new NoClassDefFoundError();
                }));
    }

    @ParameterizedTest
    @MethodSource("brokenOnes")
    void exceptionWithABrokenMethodHasItsClass(RuntimeException broken) {
        Thrown thrown = read(entry("", Thrown.of(broken))).orElseThrow().thrown();
        assertTrue(thrown.text().startsWith(LogEntryTest.class.getName()), thrown.text());
        assertEquals(List.of(), thrown.frames());
    }

    @Test
    void exceptionWhoseTextCannotBeMadeIsNamed() {
        Thrown thrown = Thrown.of(new RuntimeException() {

            private static final long serialVersionUID = 1;

            @Override
            public String getMessage() {
                throw new IllegalStateException();
            }
        });
        assertTrue(thrown.text().startsWith(LogEntryTest.class.getName()), thrown.text());
    }

    @Test
    void whatIsTooLongIsCut() {
        String long_ = "\t".repeat(1_000_000);
        Map<String, String> context =
                IntStream.range(0, 1000).boxed().collect(Collectors.toMap(i -> "key" + i, i -> long_));
        Throwable deep = new RuntimeException(long_);
        for (int i = 0; i < 1000; i++) {
            deep = new RuntimeException(long_, deep);
            deep.addSuppressed(new RuntimeException(long_));
        }
        LogEntry read = read(new LogEntry(LogLevel.INFO, 1, long_, long_, long_, context, Thrown.of(deep)))
                .orElseThrow();
        assertTrue(read.message().length() > 10_000, "of the message there is much");
        assertTrue(read.context().size() <= LogEntry.CONTEXTS);
        assertFalse(read.thrown().text().isEmpty());
        assertTrue(read(entry("short", Thrown.of(deep)))
                        .orElseThrow()
                        .thrown()
                        .frames()
                        .size()
                > 10);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "INFO",
                "INFO\t1\tt\tl",
                "OFF\t1\tt\tl\tm",
                "info\t1\tt\tl\tm",
                "INFO\tx\tt\tl\tm",
                "INFO\t99999999999999999999\tt\tl\tm",
                "INFO\t1\tt\tl\tm\txa\t+many"
            })
    void whatIsNoEntryIsNone(String text) {
        assertEquals(Optional.empty(), read(text));
    }

    @Test
    void whatALaterVersionAddsIsLeftOut() {
        assertEquals(
                Optional.of(new LogEntry(LogLevel.INFO, 1, "t", "l", "m", Map.of("k", "v"), null)),
                read("INFO\t1\tt\tl\tm\tzoo\tmk=v\tmno value\tm=\t^\ta.b.C\t"));
    }

    @Test
    void hostileNumbersAreBounded() {
        assertEquals(Optional.empty(), read("INFO\t1\tt\tl\tm" + "\txa".repeat(60) + "\tca".repeat(60)));
        LogEntry many = read("INFO\t1\tt\tl\tm" + "\tmk" + "\txa" + "\ta".repeat(100_000) + "\t+2000000000")
                .orElseThrow();
        assertTrue(many.thrown().frames().size() + many.thrown().common() <= 8192);
        assertEquals(0, read("INFO\t1\tt\tl\tm\txa\t+-5").orElseThrow().thrown().common());
        assertTrue(read("INFO\t1\t" + "t".repeat(5000) + "\tl\tm")
                        .orElseThrow()
                        .thread()
                        .length()
                <= 201);
    }

    @Test
    void noBytesBreakIt() {
        Random random = new Random(7);
        byte[] alphabet = "INFO\t\t\t1mxa+cs^=\\\n\u00e4".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 20_000; i++) {
            byte[] text = new byte[random.nextInt(60)];
            for (int at = 0; at < text.length; at++) {
                text[at] = alphabet[random.nextInt(alphabet.length)];
            }
            byte[] behind = "INFO\t1\tt\tl\tm\t".getBytes(StandardCharsets.UTF_8);
            byte[] whole = Arrays.copyOf(behind, behind.length + text.length);
            System.arraycopy(text, 0, whole, behind.length, text.length);
            EntryReader.parse(text);
            EntryReader.parse(whole);
        }
    }

    private EntryReader.Line line(String line) {
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        return reader.read(bytes, bytes.length);
    }

    @Test
    void linesWithoutTheMarkArePlainEvenAmongThePartsOfAnEntry() {
        assertEquals(EntryReader.Line.PLAIN, line(MARK));
        assertEquals(EntryReader.Line.PLAIN, line(MARK + "!INFO"));
        assertEquals(EntryReader.Line.PLAIN, line(" " + MARK + ".INFO\t1\tt\tl\tm"));
        assertEquals(EntryReader.Line.PART, line(MARK + "<INFO\t1\tt\tl"));
        assertEquals(EntryReader.Line.PLAIN, line("between"));
        assertEquals(EntryReader.Line.ENTRY, line(MARK + ">\tm"));
        assertEquals("m", EntryReader.parse(reader.take()).orElseThrow().message());
    }

    @Test
    void partsOfTwoEntriesAreNotPutTogether() {
        line(MARK + "<INFO\t1\tt\tl\tone");
        assertEquals(EntryReader.Line.ENTRY, line(MARK + ".INFO\t1\tt\tl\ttwo"));
        assertEquals("two", EntryReader.parse(reader.take()).orElseThrow().message());
        assertEquals("INFO\t1\tt\tl\tone".length(), reader.takeBroken());
        line(MARK + "<INFO\t1\tt\tl\tone");
        line(MARK + "<INFO\t1\tt\tl\tthr");
        assertEquals(EntryReader.Line.ENTRY, line(MARK + ">ee"));
        assertEquals("three", EntryReader.parse(reader.take()).orElseThrow().message());
        assertEquals("INFO\t1\tt\tl\tone".length(), reader.takeBroken());
        assertEquals(EntryReader.Line.PART, line(MARK + "+four"));
        assertEquals(EntryReader.Line.PART, line(MARK + ">five"));
        assertEquals("fourfive".length(), reader.takeBroken());
        reader.breakOff();
        assertEquals(0, reader.takeBroken());
    }

    @Test
    void entryThatIsTooLongIsNoneAndTheNextOneIs() {
        assertEquals(EntryReader.Line.PART, line(MARK + "<"));
        for (int i = 0; i < 100_000; i++) {
            assertEquals(EntryReader.Line.PART, line(MARK + "+INFO\t1\tt\tl\tm"));
        }
        assertTrue(reader.size() <= 128 * 1024);
        assertEquals(EntryReader.Line.ENTRY, line(MARK + ">"));
        assertNull(reader.take());
        assertEquals(EntryReader.Line.ENTRY, line(MARK + ".INFO\t1\tt\tl\tm"));
        assertTrue(EntryReader.parse(reader.take()).isPresent());
    }
}
