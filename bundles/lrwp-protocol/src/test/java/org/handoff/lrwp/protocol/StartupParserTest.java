package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.handoff.http.routing.ContextTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file of the corpus is one startup string, and what becomes of it. Every string comes in one piece, split in two
 * at every byte, and byte by byte, which must make no difference.
 */
class StartupParserTest {

    static Stream<Path> corpus() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/startup"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void readsHoweverItIsSplit(Path file) throws Exception {
        List<String> lines = Files.readAllLines(file);
        byte[] wire = bytes(lines.get(0));
        for (int split = 0; split < wire.length; split++) {
            assertEquals(lines.get(1), read(wire, split, wire.length - split), "split at " + split);
        }
        assertEquals(lines.get(1), read(wire, 1, 1), "byte by byte");
    }

    @Test
    void takesNothingBeyondTheStringsEnd() throws Exception {
        ByteBuffer in = ByteBuffer.wrap(bytes("\\FF2.0\\FFdump\\FF\\FF000000032"));
        assertEquals(
                "dump", new StartupParser(ContextTable::validContext).read(in).name());
        assertEquals("000000032", ISO_8859_1.decode(in).toString());
    }

    @Test
    void refusesInTheWordsOfThePeersVersion() {
        assertEquals("ERROR: out of resources", new String(Refusal.OUT_OF_RESOURCES.answer(false), ISO_8859_1));
        assertEquals(
                "REJECTED\u00FFout of resources\u00FF", new String(Refusal.OUT_OF_RESOURCES.answer(true), ISO_8859_1));
    }

    /** The log has it; the peer is told the refusal's words only. */
    @Test
    void saysWhichNameItRefusesAndWhy() {
        assertEquals("malformed startup string: \"caf\\xe9\" is not UTF-8", refusal("caf\\E9\\FF\\FF\\FF"));
        assertEquals(
                "malformed startup string: The context \"/x?y\" is not valid: write it decoded, without query, "
                        + "fragment, escapes and control characters",
                refusal("x?y\\FF\\FF\\FF"));
        assertEquals(
                "malformed startup string: The context \"/a\\x1bb\" is not valid: write it decoded, without "
                        + "query, fragment, escapes and control characters",
                refusal("a\\1Bb\\FF\\FF\\FF"));
        assertEquals(
                "malformed startup string: the name \".tar.gz\" is no extension: one has a dot at its beginning "
                        + "and no other, and no slash, percent sign, question mark or number sign",
                refusal(".tar.gz\\FF\\FF\\FF"));
        assertEquals(
                "malformed startup string: the virtual host \"a b\" is not a host name", refusal("app\\FFa b\\FF\\FF"));
    }

    private static String refusal(String wire) {
        return assertThrows(
                        RefusedException.class,
                        () -> new StartupParser(ContextTable::validContext).read(ByteBuffer.wrap(bytes(wire))))
                .getMessage();
    }

    private static String read(byte[] wire, int first, int step) {
        StartupParser parser = new StartupParser(ContextTable::validContext);
        try {
            Startup startup = parser.read(ByteBuffer.wrap(wire, 0, first));
            for (int at = first; at < wire.length && startup == null; at += step) {
                startup = parser.read(ByteBuffer.wrap(wire, at, Math.min(step, wire.length - at)));
            }
            if (startup != null) {
                return "complete " + text(startup);
            }
            return parser.isEnough()
                    ? "enough " + text(parser.startup())
                    : "incomplete " + (parser.isLrwp2() ? "2.0" : "1.0");
        } catch (RefusedException e) {
            return e.refusal().text();
        }
    }

    private static String text(Startup startup) {
        return startup.version()
                + ' '
                + (startup.name().isEmpty() ? "(root)" : startup.name())
                + ' '
                + (startup.host().isEmpty() ? "*" : startup.host());
    }

    /** Bytes as the corpus writes them: ASCII, and a backslash with two hexadecimal digits for all others. */
    static byte[] bytes(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '\\') {
                bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(text.charAt(i));
            }
        }
        return bytes.toByteArray();
    }
}
