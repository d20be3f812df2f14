package org.handoff.session.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FramesTest {

    private static final String ID = "0123456789abcdef";
    /** Bytes of a session: for three attributes. */
    private static final int MOST = 3 * Frames.OF_ATTRIBUTE;

    private static Map<String, byte[]> attributes() {
        return new TreeMap<>(Map.of("", new byte[0], "cart", new byte[] {1, 2, 3}, "größe", new byte[70_000]));
    }

    static Stream<Request> requests() {
        return Stream.of(
                new Request.Hello(65_535),
                new Request.Load(ID),
                new Request.Save(ID, true, -1, Set.of(), Map.of()),
                new Request.Save(ID, false, 1800, Set.of("a", "ä"), attributes()),
                new Request.Rename(ID, "~".repeat(Frames.MOST_ID)),
                new Request.Delete("!"));
    }

    static Stream<Answer> answers() {
        return Stream.of(
                new Answer.Welcome(1, 1_048_576),
                new Answer.Session(1, Long.MAX_VALUE, 1800, attributes()),
                new Answer.Session(-1, 0, 0, Map.of()),
                new Answer.Done(),
                new Answer.Gone(),
                new Answer.TooLarge(5_000_000_000L),
                new Answer.Refused("größer"));
    }

    static Stream<byte[]> frames() {
        return Stream.concat(requests().map(Frames::encode), answers().map(Frames::encode))
                .map(frame -> Arrays.copyOf(frame.array(), frame.limit()));
    }

    /** Arrays have no equality of content. */
    private static String text(Object frame) {
        Map<String, byte[]> attributes = frame instanceof Request.Save save
                ? save.set()
                : frame instanceof Answer.Session session ? session.attributes() : Map.of();
        List<String> parts = new ArrayList<>();
        new TreeMap<>(attributes).forEach((name, value) -> parts.add(name + Arrays.hashCode(value)));
        if (frame instanceof Request.Save save) {
            parts.addAll(new TreeSet<>(save.removed()));
        }
        // Arrays and sets without an order are compared as parts.
        return frame.toString().replaceAll("(removed=|attributes=).*", "") + parts;
    }

    @ParameterizedTest
    @MethodSource("requests")
    void decodesRequests(Request request) throws Exception {
        assertEquals(text(request), text(Frames.request(content(Frames.encode(request)), MOST)));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void decodesAnswers(Answer answer) throws Exception {
        assertEquals(text(answer), text(Frames.answer(content(Frames.encode(answer)))));
    }

    private static ByteBuffer content(ByteBuffer frame) {
        assertEquals(frame.remaining() - Frames.LENGTH, frame.getInt());
        return frame;
    }

    /** The bytes that docs/sessions.md shows. */
    @Test
    void hasTheBytesOfTheSpecification() {
        assertEquals("00000003" + "01" + "0001", hex(Frames.encode(new Request.Hello(1))));
        assertEquals(
                "0000001e" + "03" + "0002" + "6964" + "01" + "00000708" + "00000001" + "0001" + "72" + "00000001"
                        + "0001" + "61" + "00000002" + "cafe",
                hex(Frames.encode(new Request.Save(
                        "id", true, 1800, Set.of("r"), Map.of("a", new byte[] {(byte) 0xca, (byte) 0xfe})))));
        assertEquals("00000007" + "41" + "0001" + "00100000", hex(Frames.encode(new Answer.Welcome(1, 1 << 20))));
        assertEquals("00000001" + "43", hex(Frames.encode(new Answer.Done())));
    }

    private static String hex(ByteBuffer frame) {
        return HexFormat.of().formatHex(frame.array(), 0, frame.limit());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000, 1_000_000})
    void findsFramesHoweverTheyAreSplit(int step) throws Exception {
        List<byte[]> frames = frames().toList();
        ByteBuffer wire =
                ByteBuffer.allocate(frames.stream().mapToInt(one -> one.length).sum());
        frames.forEach(wire::put);
        wire.clear().limit(0);
        FrameReader reader = new FrameReader(Frames.most(100_000));
        for (byte[] expected : frames) {
            ByteBuffer frame = reader.read(wire);
            while (frame == null) {
                assertFalse(wire.hasRemaining());
                wire.limit(Math.min(wire.capacity(), wire.limit() + step));
                frame = reader.read(wire);
            }
            assertEquals(ByteBuffer.wrap(expected, Frames.LENGTH, expected.length - Frames.LENGTH), frame);
            assertFalse(reader.isWithin());
            assertEquals(0, reader.collected());
        }
    }

    @Test
    void takesMemoryForBytesThatHaveCome() throws Exception {
        FrameReader reader = new FrameReader(Integer.MAX_VALUE);
        assertNull(reader.read(ByteBuffer.allocate(5).putInt(0, 1_000_000_000)));
        assertTrue(reader.isWithin());
        assertTrue(reader.collected() < 1024, reader.collected() + " bytes");
        assertNull(reader.read(ByteBuffer.allocate(10_000)));
        assertTrue(reader.collected() <= 20_002, reader.collected() + " bytes");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, Integer.MIN_VALUE, 101, Integer.MAX_VALUE})
    void refusesImpossibleLengths(int length) {
        assertThrows(
                MalformedFrameException.class,
                () -> new FrameReader(100).read(ByteBuffer.allocate(200).putInt(0, length)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // no type
                "07", // an unknown one
                "41", // an answer
                "0100", // half a version
                "01000100", // a byte too much
                "020000", // no id
                "02000120", // not visible
                "020001c3", // not ASCII
                "02008141", // an id longer than its frame, and than any
                "0300016902000000000000000000000000", // a flag that is none
                "03000169010000000000010000", // more names than bytes
                "0300016901000000007fffffff", // likewise
                "030001690100000000" + "ffffffff" + "00000000", // fewer names than none
                "03000169010000000000000002000161000161" + "00000000", // a name twice
                "030001690100000000000000000000000200016100000000" + "00016100000000", // likewise, with values
                "0300016901000000000000000000000001000161" + "ffffffff", // a negative length
                "0300016901000000000000000000000001000161" + "7fffffff", // a length beyond the frame
                "0300016901000000000000000000000001" + "0001ff00000000", // not UTF-8
            })
    void refusesMalformedRequests(String hex) {
        ByteBuffer frame = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
        assertThrows(MalformedFrameException.class, () -> Frames.request(frame, MOST));
    }

    @Test
    void refusesLongNamesAndIds() throws Exception {
        String longest = "n".repeat(Frames.MOST_NAME);
        Frames.request(content(Frames.encode(new Request.Save(ID, true, 0, Set.of(longest), Map.of()))), MOST);
        for (Request request : List.of(
                new Request.Save(ID, true, 0, Set.of(longest + "n"), Map.of()),
                new Request.Save(ID, true, 0, Set.of("\ud800"), Map.of()),
                new Request.Load(""),
                new Request.Load("a b"),
                new Request.Load("i".repeat(Frames.MOST_ID + 1)))) {
            assertThrows(IllegalArgumentException.class, () -> Frames.encode(request));
        }
        byte[] frame = ("\3\0\1i\1\0\0\0\0\0\0\0\1\4\1" + "n".repeat(1025) + "\0\0\0\0").getBytes(UTF_8);
        assertThrows(MalformedFrameException.class, () -> Frames.request(ByteBuffer.wrap(frame), MOST));
    }

    /** One of the longest frames could name so many that all pools wait while they are decoded. */
    @Test
    void refusesMoreAttributesThanASessionHas() throws Exception {
        Set<String> four = Set.of("a", "b", "c", "d");
        Map<String, byte[]> values = new TreeMap<>();
        four.forEach(name -> values.put(name, new byte[0]));
        for (Request request : List.of(
                new Request.Save(ID, true, 0, four, Map.of()), new Request.Save(ID, true, 0, Set.of(), values))) {
            ByteBuffer frame = content(Frames.encode(request));
            String message = assertThrows(MalformedFrameException.class, () -> Frames.request(frame, MOST))
                    .getMessage();
            assertEquals("4 attributes; 3 is the most", message);
        }
    }

    @Test
    void longReasonsAreCut() throws Exception {
        Answer answer = Frames.answer(content(Frames.encode(new Answer.Refused("x".repeat(1000)))));
        assertEquals(new Answer.Refused("x".repeat(Frames.MOST_REASON)), answer);
    }

    /** Whatever the bytes are: a frame, or the one exception, and no more memory than a small multiple of the bytes. */
    @Test
    void garbageIsRefusedOrRead() {
        Random random = new Random(1);
        List<byte[]> frames = frames().filter(frame -> frame.length < 200).toList();
        int refused = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] frame = frames.get(i % frames.size()).clone();
            for (int j = 0; j < 1 + random.nextInt(3); j++) {
                frame[Frames.LENGTH + random.nextInt(frame.length - Frames.LENGTH)] = (byte) random.nextInt();
            }
            int length = Frames.LENGTH + 1 + random.nextInt(frame.length - Frames.LENGTH);
            ByteBuffer content = ByteBuffer.wrap(frame, 0, length).position(Frames.LENGTH);
            try {
                if (i % 2 == 0) {
                    Frames.request(content, MOST);
                } else {
                    Frames.answer(content);
                }
            } catch (MalformedFrameException e) {
                refused++;
            }
        }
        assertTrue(refused > 100_000, refused + " refused");
    }

    @Test
    void countsWhatASessionTakes() {
        assertEquals(Frames.OF_SESSION, Frames.bytes(Map.of()));
        assertEquals(Frames.OF_SESSION + Frames.OF_ATTRIBUTE + 4 + 3, Frames.bytes(Map.of("cärt", new byte[] {1, 2})));
    }
}
