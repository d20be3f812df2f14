package org.handoff.worker.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnwrittenTailTest {

    private static Frame frame(int flags, long origin, long capacity, long end, int before) {
        ByteBuffer payload = ByteBuffer.allocate(24 + before)
                .putLong(origin)
                .putLong(capacity)
                .putLong(end)
                .clear();
        return new Frame(FrameType.TAIL, flags, 1, 2, 3, payload);
    }

    @Test
    void isReadAsItWasWritten() throws Exception {
        ByteBuffer before = ByteBuffer.wrap("abc".getBytes(StandardCharsets.US_ASCII));
        UnwrittenTail rest = new UnwrittenTail(1, 2, true, 0, -5, UnwrittenTail.NO_RING, 1L << 40, before);
        Frame frame = rest.frame();
        assertEquals(rest, UnwrittenTail.of(frame));
        assertEquals(1, frame.flags());
        assertEquals(24 + 3, frame.payload().remaining());
        assertEquals(-5, frame.payload().getLong(0));
        assertEquals(-1, frame.payload().getLong(8));
        assertEquals(1L << 40, frame.payload().getLong(16));
    }

    @Test
    void startInTheFileIsAFourthNumber() throws Exception {
        ByteBuffer before = ByteBuffer.wrap("abc".getBytes(StandardCharsets.US_ASCII));
        UnwrittenTail rest = new UnwrittenTail(1, 2, false, 7, 5, UnwrittenTail.NO_RING, 100, before);
        Frame frame = rest.frame();
        assertEquals(rest, UnwrittenTail.of(frame));
        assertEquals(2, frame.flags());
        assertEquals(32 + 3, frame.payload().remaining());
        assertEquals(7, frame.payload().getLong(24));
    }

    @ParameterizedTest
    @CsvSource({"-1, -1", "1, 10", "9223372036854775807, -1"})
    void impossibleStartBreaksTheProtocol(long start, long capacity) {
        ByteBuffer payload = ByteBuffer.allocate(32)
                .putLong(0)
                .putLong(capacity)
                .putLong(1)
                .putLong(start)
                .clear();
        assertThrows(ProtocolException.class, () -> UnwrittenTail.of(new Frame(FrameType.TAIL, 2, 1, 2, 3, payload)));
    }

    @ParameterizedTest
    @CsvSource({
        "2, 0, -1, 1, 0",
        "4, 0, -1, 1, 0",
        "0, 2, -1, 1, 0",
        "0, 0, 0, 1, 0",
        "0, 0, -2, 1, 0",
        "0, 0, -1, -1, 0",
        "0, 0, -1, 1, 16385",
        "0, -9223372036854775808, -1, 1, 0",
        "0, 0, -1, 9223372036854775807, 0",
        "0, 0, 9223372036854775807, 1, 0"
    })
    void impossibleNumbersBreakTheProtocol(int flags, long origin, long capacity, long end, int before) {
        assertThrows(ProtocolException.class, () -> UnwrittenTail.of(frame(flags, origin, capacity, end, before)));
    }

    @Test
    void missingNumbersBreakTheProtocol() {
        assertThrows(
                ProtocolException.class,
                () -> UnwrittenTail.of(new Frame(FrameType.TAIL, 0, 1, 2, 3, ByteBuffer.allocate(23))));
    }
}
