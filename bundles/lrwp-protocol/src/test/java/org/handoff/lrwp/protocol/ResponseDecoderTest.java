package org.handoff.lrwp.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each file of the corpus is one CGI response, with a file beside it that says what a client gets of it. Every response
 * comes in one piece and byte by byte, twice on one connection: whatever is wrong with the first, the second is found.
 */
class ResponseDecoderTest {

    static Stream<Path> corpus() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/response"))) {
            return files.filter(file -> file.toString().endsWith(".cgi")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void readsHoweverItIsSplit(Path file) throws Exception {
        byte[] cgi = Files.readAllBytes(file);
        String expected = Files.readString(Path.of(file.toString().replace(".cgi", ".expected")), ISO_8859_1)
                .strip();
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (int i = 0; i < 2; i++) {
            wire.writeBytes(Size.of(cgi.length));
            wire.writeBytes(cgi);
        }
        for (int step : new int[] {wire.size(), 1}) {
            ResponseDecoder decoder = new ResponseDecoder();
            ByteBuffer in = ByteBuffer.wrap(wire.toByteArray()).limit(0);
            for (int i = 0; i < 2; i++) {
                Received received = new Received(in);
                boolean complete = false;
                while (!complete) {
                    in.limit(Math.min(in.capacity(), in.limit() + step));
                    complete = decoder.read(in, received);
                    assertEquals(complete, received.ended);
                }
                assertEquals(expected, received.text.toString().strip());
                assertTrue(decoder.isBetween());
            }
            assertFalse(in.hasRemaining());
        }
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void readsInPiecesWhatItReadsInOne(Path file) throws Exception {
        byte[] cgi = Files.readAllBytes(file);
        String expected = Files.readString(Path.of(file.toString().replace(".cgi", ".expected")), ISO_8859_1)
                .strip();
        for (int size : new int[] {1, 7, 1000}) {
            ByteArrayOutputStream wire = new ByteArrayOutputStream();
            wire.writeBytes(Words.inPieces());
            for (int at = 0; at < cgi.length; at += size) {
                int count = Math.min(size, cgi.length - at);
                wire.writeBytes(Size.of(count));
                wire.write(cgi, at, count);
            }
            wire.writeBytes(Size.of(0));
            for (int step : new int[] {wire.size(), 1}) {
                assertEquals(
                        expected, read(wire.toByteArray(), step).text.toString().strip(), size + " " + step);
            }
        }
    }

    @Test
    void tellsThatPiecesBreakOff() throws Exception {
        assertEquals(
                "200\na: b\n=xybroken off",
                read("IN PIECES000000008a: b\n\nxyBROKENOFF".getBytes(ISO_8859_1), 1)
                        .text
                        .toString());
        assertEquals(
                "broken off",
                read("IN PIECESBROKENOFF".getBytes(ISO_8859_1), 1).text.toString());
    }

    private static Received read(byte[] wire, int step) throws Exception {
        ResponseDecoder decoder = new ResponseDecoder();
        ByteBuffer in = ByteBuffer.wrap(wire).limit(0);
        Received received = new Received(in);
        boolean complete = false;
        while (!complete) {
            in.limit(Math.min(in.capacity(), in.limit() + step));
            complete = decoder.read(in, received);
            assertEquals(complete, received.ended);
        }
        assertFalse(in.position() < in.capacity());
        assertTrue(decoder.isBetween());
        return received;
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000004x",
                "-00000001",
                " 00000001",
                "x",
                "0x0000001",
                "00000000\n",
                "HTTP/1.1 ",
                "IN PIECEX",
                "IN P0",
                "BROKENOFF"
            })
    void refusesWhatIsNoSize(String size) {
        ByteBuffer in = buffer(size);
        assertThrows(ProtocolException.class, () -> new ResponseDecoder().read(in, new Received(in)));
    }

    @Test
    void waitsForAShortSize() throws Exception {
        ByteBuffer in = buffer("00000001");
        assertFalse(new ResponseDecoder().read(in, new Received(in)));
    }

    @Test
    void leavesWhatFollowsALongSize() throws Exception {
        ByteBuffer in = buffer("000000008a: b\n\nxy0");
        Received received = new Received(in);
        assertTrue(new ResponseDecoder().read(in, received));
        assertEquals("200\na: b\n=xy", received.text.toString());
        assertEquals("0", ISO_8859_1.decode(in).toString());
    }

    @Test
    void skipsAHeaderWithoutEnd() throws Exception {
        ByteBuffer in = buffer("000131072" + "a".repeat(ResponseDecoder.MAX_HEADER));
        assertEquals("000131072", new String(Size.of(2 * ResponseDecoder.MAX_HEADER), ISO_8859_1));
        Received received = new Received(in);
        ResponseDecoder decoder = new ResponseDecoder();
        assertFalse(decoder.read(in, received));
        assertEquals("unusable", received.text.toString());
        assertFalse(in.hasRemaining(), "what is not used is not kept");
        assertTrue(decoder.read(ByteBuffer.allocate(ResponseDecoder.MAX_HEADER), received));
    }

    @Test
    void saysNineDigits() {
        assertEquals("000000000", new String(Size.of(0), ISO_8859_1));
        assertEquals("000012345", new String(Size.of(12345), ISO_8859_1));
        assertEquals("999999999", new String(Size.of(Size.MAX), ISO_8859_1));
        assertThrows(IllegalArgumentException.class, () -> Size.of(Size.MAX + 1));
    }

    private static final class Received implements ResponseDecoder.Receiver {

        private final ByteBuffer in;
        final StringBuilder text = new StringBuilder();
        boolean ended;

        Received(ByteBuffer in) {
            this.in = in;
        }

        @Override
        public void head(CgiHead head, long length) {
            text.append(head.status());
            if (head.localRedirect() != null) {
                text.append(" local ").append(head.localRedirect());
            }
            head.fields()
                    .forEach(field -> text.append('\n')
                            .append(field.getKey())
                            .append(": ")
                            .append(field.getValue()));
            text.append("\n=");
        }

        @Override
        public void unusable(MalformedHeadException reason) {
            text.append("unusable");
        }

        @Override
        public void document(int position, int length) {
            text.append(ISO_8859_1.decode(in.slice(position, length)));
        }

        @Override
        public void end() {
            ended = true;
        }

        @Override
        public void brokenOff() {
            text.append("broken off");
            ended = true;
        }
    }
}
