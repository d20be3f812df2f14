package org.handoff.worker.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.handoff.worker.protocol.log.LogLevel;
import org.handoff.worker.protocol.log.LogLevels;
import org.junit.jupiter.api.Test;

/** Each frame that has more than a type, made and read, byte for byte as docs/worker-protocol.md says. */
class FramesTest {

    private static final HexFormat HEX = HexFormat.of();

    /** The header of a frame about the connection 0x1112 in slot 3, but for the version. */
    private static String header(int type, int flags, String position) {
        return String.format("01%02x%04x", type, flags) + "00000003" + "0000000000001112" + position;
    }

    private static String header(int type, int flags) {
        return String.format("01%02x%04x", type, flags) + "00".repeat(20);
    }

    private static String text(String text) {
        return HEX.formatHex(text.getBytes(UTF_8));
    }

    private static void assertPacket(String expected, Frame frame) {
        ByteBuffer packet = ByteBuffer.allocate(Frame.MAX_PACKET);
        frame.writeTo(packet);
        assertEquals(expected, HEX.formatHex(packet.array(), 0, packet.position()));
    }

    private static Frame read(String packet) throws ProtocolException {
        return Frame.readFrom(ByteBuffer.wrap(HEX.parseHex(packet)));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    @Test
    void handOff() throws Exception {
        String packet = header(1, 0, "0000000000000102") + text("GET /");
        HandOff handOff = new HandOff(3, 0x1112, 0x102, false, bytes("GET /"));
        assertPacket(packet, handOff.frame());
        assertEquals(handOff, HandOff.of(read(packet)));
        String behindFile = header(1, 1, "ffffffffffffffff");
        HandOff other = new HandOff(3, 0x1112, Frame.UNKNOWN, true, bytes(""));
        assertPacket(behindFile, other.frame());
        assertEquals(other, HandOff.of(read(behindFile)));
    }

    @Test
    void earlier() throws Exception {
        String packet = header(8, 0, "0000000000000102") + "0000000000000f00";
        Spilled earlier = new Spilled(3, 0x1112, 0x102, 0xf00);
        assertPacket(packet, earlier.frame());
        assertEquals(earlier, Spilled.of(read(packet)));
        assertThrows(ProtocolException.class, () -> Spilled.of(read(packet + "00")));
        assertThrows(ProtocolException.class, () -> Spilled.of(read(header(8, 0, "0000000000000102"))));
    }

    @Test
    void overflowAndNoFile() throws Exception {
        String packet = header(73, 0, "0000000000000102");
        Spill overflow = new Spill(3, 0x1112, 0x102);
        assertPacket(packet, overflow.frame());
        assertEquals(overflow, Spill.of(read(packet)));
        assertThrows(ProtocolException.class, () -> Spill.of(read(header(73, 0, "ffffffffffffffff"))));
        String noFile = header(9, 0, "0000000000000102");
        assertPacket(noFile, overflow.noFile().frame());
        assertEquals(overflow.noFile(), NoSpill.of(read(noFile)));
    }

    @Test
    void giveBack() throws Exception {
        String packet = header(66, 3, "0000000000000102") + text("GET /");
        GiveBack back = new GiveBack(3, 0x1112, GiveBackReason.FOREIGN, 0x102, bytes("GET /"));
        assertPacket(packet, back.frame());
        assertEquals(back, GiveBack.of(read(packet)));
        assertFalse(back.isInFile());
        assertEquals(0x102 - 5, back.first());
    }

    @Test
    void giveBackWithFile() throws Exception {
        String packet = header(66, 256 + 5, "0000000000000102") + "0000000000000007" + text("GET /");
        GiveBack back = new GiveBack(3, 0x1112, GiveBackReason.DISPATCH, 0x102, 7, bytes("GET /"));
        assertPacket(packet, back.frame());
        assertEquals(back, GiveBack.of(read(packet)));
        assertTrue(back.isInFile());
        assertEquals(0x102 - 5, back.first());
        assertThrows(ProtocolException.class, () -> GiveBack.of(read(header(66, 256 + 5, "0000000000000102") + "07")));
        assertThrows(
                ProtocolException.class,
                () -> GiveBack.of(read(header(66, 256 + 5, "0000000000000102") + "ffffffffffffffff")));
    }

    @Test
    void foreignContexts() throws Exception {
        String packet = header(5, 0) + text("example.org /\n /caf\u00e9\n");
        ForeignContexts foreignContexts = new ForeignContexts(List.of(
                new ForeignContexts.Foreign("example.org", "/"), new ForeignContexts.Foreign("", "/caf\u00e9")));
        assertPacket(packet, foreignContexts.told().frame());
        assertEquals(foreignContexts, ForeignContexts.of(read(packet)));
        assertPacket(header(5, 0), new ForeignContexts(List.of()).told().frame());
        assertEquals(new ForeignContexts(List.of()), ForeignContexts.of(read(header(5, 0))));
        assertThrows(ProtocolException.class, () -> ForeignContexts.of(read(header(5, 0) + text("/app\n"))));
    }

    @Test
    void foreignContextsOfTooManyEndsBehindAWholeLine() throws Exception {
        List<ForeignContexts.Foreign> many = Collections.nCopies(20_000, new ForeignContexts.Foreign("", "/context"));
        assertFalse(new ForeignContexts(many).told().isWhole());
        ForeignContexts told =
                ForeignContexts.of(new ForeignContexts(many).told().frame());
        assertTrue(told.told().isWhole());
        assertEquals(131_072 / 10, told.contexts().size());
        assertEquals("/context", told.contexts().get(told.contexts().size() - 1).context());
    }

    @Test
    void ready() throws Exception {
        String packet = header(65, 0) + text("2 no such service\n7 nor this\n");
        TreeMap<Integer, String> failures = new TreeMap<>();
        failures.put(2, "no such\n service");
        failures.put(7, "nor this");
        assertPacket(packet, new Ready(failures).frame());
        failures.put(2, "no such service");
        assertEquals(new Ready(failures), Ready.of(read(packet)));
        assertPacket(header(65, 0), new Ready(Collections.emptySortedMap()).frame());
        assertThrows(ProtocolException.class, () -> Ready.of(read(header(65, 0) + text("two is missing\n"))));
    }

    @Test
    void logLevels() throws Exception {
        String packet = header(11, 0) + text("WARN org.example=TRACE org.example.shop=OFF");
        LogLevels levels =
                new LogLevels(LogLevel.WARN, Map.of("org.example.shop", LogLevel.OFF, "org.example", LogLevel.TRACE));
        assertPacket(packet, Frame.of(levels));
        assertEquals(levels, read(packet).logLevels());
        assertThrows(ProtocolException.class, () -> read(header(11, 0)).logLevels());
    }

    @Test
    void readyWithManyFailuresHasAllNumbers() throws Exception {
        TreeMap<Integer, String> failures = new TreeMap<>();
        for (int i = 0; i < 1000; i++) {
            failures.put(i, "\u20ac".repeat(3000));
        }
        assertEquals(
                failures.keySet(),
                Ready.of(new Ready(failures).frame()).failures().keySet());
    }

    @Test
    void yield() throws Exception {
        assertPacket(header(10, 40_000), new Yield(40_000).frame());
        assertEquals(new Yield(40_000), Yield.of(read(header(10, 40_000))));
    }

    @Test
    void inspect() throws Exception {
        String packet = header(12, 0) + text("components");
        Inspect inspect = new Inspect(Inspect.Subject.COMPONENTS);
        assertPacket(packet, inspect.frame());
        assertEquals(inspect, Inspect.of(read(packet)));
        assertThrows(ProtocolException.class, () -> Inspect.of(read(header(12, 0) + text("secrets"))));
    }

    @Test
    void inspected() throws Exception {
        List<Frame> frames = Inspected.frames(List.of(List.of("1", "a\tb\nc"), List.of("2", "")));
        assertEquals(1, frames.size());
        assertPacket(header(76, 0) + text("1\ta b c\n2\t\n"), frames.get(0));
        Inspected table = new Inspected();
        assertTrue(table.add(frames.get(0)));
        assertEquals(List.of(List.of("1", "a b c"), List.of("2", "")), table.rows());
    }

    @Test
    void inspectedInSeveralFrames() throws Exception {
        List<List<String>> rows = Collections.nCopies(20_000, List.of("x".repeat(99), "é"));
        List<Frame> frames = Inspected.frames(rows);
        Inspected table = new Inspected();
        for (Frame frame : frames.subList(0, frames.size() - 1)) {
            assertFalse(table.add(frame));
        }
        assertTrue(table.add(frames.get(frames.size() - 1)));
        List<List<String>> read = table.rows();
        // A row has 103 bytes, and the last one counts the others.
        assertEquals((Inspected.MAX_BYTES - 64) / 103, read.size() - 1);
        assertEquals(rows.get(0), read.get(0));
        assertEquals(List.of("… and " + (20_000 - read.size() + 1) + " more"), read.get(read.size() - 1));
        Inspected full = new Inspected();
        for (int i = 0; i < 8; i++) {
            full.add(new Frame(FrameType.INSPECTED, 1, 0, 0, 0, ByteBuffer.allocate(Frame.MAX_PAYLOAD)));
        }
        assertThrows(
                ProtocolException.class, () -> full.add(new Frame(FrameType.INSPECTED, 0, 0, 0, 0, bytes("one more"))));
    }
}
