package org.handoff.lrwp.agent.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
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
        ByteBuf wire = Unpooled.buffer();
        for (int i = 0; i < 2; i++) {
            wire.writeBytes(Size.of(cgi.length)).writeBytes(cgi);
        }
        for (int step : new int[] {wire.readableBytes(), 1}) {
            ResponseDecoder decoder = new ResponseDecoder();
            ByteBuf in = Unpooled.buffer();
            ByteBuf rest = wire.duplicate();
            for (int i = 0; i < 2; i++) {
                Received received = new Received();
                boolean complete = false;
                while (!complete) {
                    in.writeBytes(rest, Math.min(step, rest.readableBytes()));
                    complete = decoder.read(in, received);
                    assertEquals(complete, received.ended);
                }
                assertEquals(expected, received.text.toString().strip());
                assertTrue(decoder.isBetween());
            }
            assertFalse(in.isReadable());
        }
    }

    @ParameterizedTest
    @MethodSource("corpus")
    void readsInPiecesWhatItReadsInOne(Path file) throws Exception {
        byte[] cgi = Files.readAllBytes(file);
        String expected = Files.readString(Path.of(file.toString().replace(".cgi", ".expected")), ISO_8859_1)
                .strip();
        for (int size : new int[] {1, 7, 1000}) {
            ByteBuf wire = Unpooled.copiedBuffer("IN PIECES", ISO_8859_1);
            for (int at = 0; at < cgi.length; at += size) {
                int count = Math.min(size, cgi.length - at);
                wire.writeBytes(Size.of(count)).writeBytes(cgi, at, count);
            }
            wire.writeBytes(Size.of(0));
            for (int step : new int[] {wire.readableBytes(), 1}) {
                assertEquals(
                        expected, read(wire.duplicate(), step).text.toString().strip(), size + " " + step);
            }
        }
    }

    @Test
    void tellsThatPiecesBreakOff() throws Exception {
        assertEquals(
                "200\na: b\n=xybroken off",
                read(Unpooled.copiedBuffer("IN PIECES000000008a: b\n\nxyBROKENOFF", ISO_8859_1), 1)
                        .text
                        .toString());
        assertEquals(
                "broken off",
                read(Unpooled.copiedBuffer("IN PIECESBROKENOFF", ISO_8859_1), 1)
                        .text
                        .toString());
    }

    private static Received read(ByteBuf rest, int step) throws Exception {
        ResponseDecoder decoder = new ResponseDecoder();
        Received received = new Received();
        ByteBuf in = Unpooled.buffer();
        boolean complete = false;
        while (!complete) {
            in.writeBytes(rest, Math.min(step, rest.readableBytes()));
            complete = decoder.read(in, received);
            assertEquals(complete, received.ended);
        }
        assertFalse(in.isReadable() || rest.isReadable());
        assertTrue(decoder.isBetween());
        return received;
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
        ByteBuf in = Unpooled.copiedBuffer(size, ISO_8859_1);
        assertThrows(ProtocolException.class, () -> new ResponseDecoder().read(in, new Received()));
    }

    @Test
    void waitsForAShortSize() throws Exception {
        assertFalse(new ResponseDecoder().read(Unpooled.copiedBuffer("00000001", ISO_8859_1), new Received()));
    }

    @Test
    void leavesWhatFollowsALongSize() throws Exception {
        Received received = new Received();
        ByteBuf in = Unpooled.copiedBuffer("000000008a: b\n\nxy0", ISO_8859_1);
        assertTrue(new ResponseDecoder().read(in, received));
        assertEquals("200\na: b\n=xy", received.text.toString());
        assertEquals("0", in.toString(ISO_8859_1));
    }

    @Test
    void skipsAHeaderWithoutEnd() throws Exception {
        Received received = new Received();
        ResponseDecoder decoder = new ResponseDecoder();
        ByteBuf in = Unpooled.buffer().writeBytes(Size.of(2 * ResponseDecoder.MAX_HEADER));
        in.writeBytes("a".repeat(ResponseDecoder.MAX_HEADER).getBytes(ISO_8859_1));
        assertFalse(decoder.read(in, received));
        assertEquals("unusable", received.text.toString());
        assertFalse(in.isReadable(), "what is not used is not kept");
        assertTrue(decoder.read(Unpooled.buffer().writeZero(ResponseDecoder.MAX_HEADER), received));
    }

    @Test
    void saysNineDigits() {
        assertEquals("000000000", new String(Size.of(0), ISO_8859_1));
        assertEquals("000012345", new String(Size.of(12345), ISO_8859_1));
        assertEquals("999999999", new String(Size.of(Size.MAX), ISO_8859_1));
        assertThrows(IllegalArgumentException.class, () -> Size.of(Size.MAX + 1));
    }

    private static final class Received implements ResponseDecoder.Receiver {

        final StringBuilder text = new StringBuilder();
        boolean ended;

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
        public void document(ByteBuf part) {
            text.append(part.toString(ISO_8859_1));
            part.release();
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
