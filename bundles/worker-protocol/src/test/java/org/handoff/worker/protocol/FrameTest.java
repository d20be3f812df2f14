package org.handoff.worker.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;

import org.junit.jupiter.api.Test;

class FrameTest {

    @Test
    void theHeaderIsTheOneOfTheProtocolPage() {
        ByteBuffer packet = ByteBuffer.allocate(Frame.MAX_PACKET);
        new Frame(FrameType.GIVE_BACK, 3, 0x01020304, 0x1112131415161718L, 0x2122232425262728L, bytes("GE"))
                .writeTo(packet);
        byte[] written = new byte[packet.flip().remaining()];
        packet.get(written);
        assertArrayEquals(
                new byte[] {
                    1, 66, 0, 3, 1, 2, 3, 4, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x21, 0x22, 0x23, 0x24,
                    0x25, 0x26, 0x27, 0x28, 'G', 'E'
                },
                written);
    }

    @Test
    void theNumbersOfTypesAndReasonsAreThoseOfTheProtocolPage() throws Exception {
        assertEquals(1, FrameType.CONNECTION.code);
        assertEquals(2, FrameType.OFF.code);
        assertEquals(3, FrameType.ON.code);
        assertEquals(4, FrameType.RETIRE.code);
        assertEquals(5, FrameType.FOREIGN_CONTEXTS.code);
        assertEquals(6, FrameType.PING.code);
        assertEquals(7, FrameType.DUMP.code);
        assertEquals(8, FrameType.SPILLED.code);
        assertEquals(9, FrameType.NO_SPILL.code);
        assertEquals(10, FrameType.YIELD.code);
        assertEquals(11, FrameType.LOG_LEVELS.code);
        assertEquals(65, FrameType.READY.code);
        assertEquals(66, FrameType.GIVE_BACK.code);
        assertEquals(67, FrameType.PONG.code);
        assertEquals(68, FrameType.DUMPED.code);
        assertEquals(69, FrameType.FREE.code);
        assertEquals(70, FrameType.SLOW.code);
        assertEquals(71, FrameType.QUICK.code);
        assertEquals(72, FrameType.QUOTA_REACHED.code);
        assertEquals(75, FrameType.LEAVING.code);
        assertEquals(73, FrameType.SPILL.code);
        assertEquals(74, FrameType.TAIL.code);
        GiveBackReason[] reasons = {
            GiveBackReason.REQUESTED,
            GiveBackReason.IDLE,
            GiveBackReason.FOREIGN,
            GiveBackReason.NOT_TAKEN,
            GiveBackReason.DISPATCH,
            GiveBackReason.FAILED
        };
        for (int i = 0; i < reasons.length; i++) {
            assertEquals(
                    reasons[i],
                    GiveBack.of(new Frame(FrameType.GIVE_BACK, i + 1, 0, 1, 0, bytes("")))
                            .reason());
        }
    }

    @Test
    void aFrameComesBackAsItWasWritten() throws Exception {
        for (FrameType type : FrameType.values()) {
            ByteBuffer payload = bytes("the rest");
            Frame frame = new Frame(type, 0xfffe, Integer.MAX_VALUE, Long.MAX_VALUE, Frame.UNKNOWN, payload);
            Frame read = Frame.readFrom(packet(frame));
            assertEquals(frame.toString(), read.toString());
            assertEquals(payload, read.payload());
            assertEquals(8, payload.remaining(), "the payload keeps its position");
        }
    }

    @Test
    void theLargestPayloadGoesAndNoLargerOne() throws Exception {
        Frame largest = new Frame(FrameType.CONNECTION, 0, 0, 1, 0, ByteBuffer.allocate(131_072));
        assertEquals(131_072, Frame.readFrom(packet(largest)).payload().remaining());
        assertThrows(
                IllegalArgumentException.class,
                () -> packet(new Frame(FrameType.CONNECTION, 0, 0, 1, 0, ByteBuffer.allocate(131_073))));
    }

    @Test
    void whatIsNoFrameIsRefused() {
        assertRefused("23 bytes", ByteBuffer.allocate(23));
        assertRefused("0 bytes", ByteBuffer.allocate(0));
        assertRefused("version 2", packet(Frame.of(FrameType.ON)).put(0, (byte) 2));
        assertRefused("more than 131096", ByteBuffer.allocate(131_097));
        assertRefused("type 64", packet(Frame.of(FrameType.ON)).put(1, (byte) 64));
        assertRefused("type 255", packet(Frame.of(FrameType.ON)).put(1, (byte) 255));
        for (int flags : new int[] {0, 99, 0xffff}) {
            assertThrows(
                    ProtocolException.class,
                    () -> GiveBack.of(new Frame(FrameType.GIVE_BACK, flags, 0, 1, 0, bytes(""))));
        }
    }

    private static void assertRefused(String words, ByteBuffer packet) {
        String message = assertThrows(ProtocolException.class, () -> Frame.readFrom(packet))
                .getMessage();
        assertTrue(message.contains(words), message);
    }

    private static ByteBuffer packet(Frame frame) {
        ByteBuffer packet = ByteBuffer.allocate(Frame.MAX_PACKET);
        frame.writeTo(packet);
        return packet.flip();
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
