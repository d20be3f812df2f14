package org.handoff.worker.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreboardTest {

    @TempDir
    Path folder;

    private Path file;
    private MonitorScoreboard monitors;

    @BeforeEach
    void create() throws IOException {
        file = folder.resolve("scoreboard");
        monitors = MonitorScoreboard.create(file);
    }

    @AfterEach
    void close() throws IOException {
        monitors.close();
    }

    @Test
    void theLayoutIsTheOneOfTheProtocolPage() throws Exception {
        Scoreboard workers = Scoreboard.open(file);
        workers.answered();
        workers.answered();
        workers.slot(0).state(SlotState.IDLE);
        workers.slot(1).state(SlotState.READING);
        workers.slot(2).state(SlotState.HANDLING);
        Scoreboard.Slot last = workers.slot(Scoreboard.SLOTS - 1);
        last.state(SlotState.ANSWERING);
        last.first(11);
        last.request(12);
        last.next(13);
        last.begins(14);
        last.ends(15, true);
        last.answer(ByteBuffer.wrap("response".getBytes(StandardCharsets.US_ASCII)), true);
        last.journal().put(0, (byte) 16).put(16_319, (byte) 17);
        long before = System.currentTimeMillis();
        workers.handling(77);
        ByteBuffer bytes = content();
        assertEquals(0x48534231, bytes.getInt(0), "magic");
        assertEquals(1, bytes.getInt(4), "version");
        assertEquals(8191, bytes.getInt(8), "slots");
        assertEquals(2, bytes.getLong(16), "requests");
        assertEquals(77, bytes.getLong(24), "connection");
        assertTrue(bytes.getLong(32) >= before && bytes.getLong(32) <= System.currentTimeMillis(), "since");
        assertEquals(1, bytes.get(32_768));
        assertEquals(2, bytes.get(2 * 32_768));
        assertEquals(3, bytes.get(3 * 32_768));
        int record = 8191 * 32_768;
        assertEquals(4, bytes.get(record));
        assertEquals(11, bytes.getLong(record + 8), "first");
        assertEquals(12, bytes.getLong(record + 16), "request");
        assertEquals(13, bytes.getLong(record + 24), "next");
        assertEquals(14, bytes.getLong(record + 32), "begins");
        assertEquals(31, bytes.getLong(record + 40), "15, and the connection is kept");
        assertEquals(16, bytes.get(record + 64), "journal");
        assertEquals(17, bytes.get(record + 16_383), "the journal's last byte");
        assertEquals(17, bytes.getLong(record + 48), "8 bytes, and the connection is kept");
        assertEquals('r', bytes.get(record + 16_384), "answer");
        assertEquals(8192 * 32_768, bytes.capacity());
    }

    @Test
    void oneSideReadsWhatTheOtherWrites() throws Exception {
        Scoreboard workers = Scoreboard.open(file);
        workers.handling(5);
        workers.answered();
        Scoreboard.Slot slot = workers.slot(9);
        slot.state(SlotState.READING);
        slot.first(1);
        slot.request(2);
        slot.next(3);
        slot.begins(4);
        slot.ends(5, false);
        slot.answer(ByteBuffer.wrap(new byte[] {1, 2, 3}), false);
        slot.journal().put(100, "abc".getBytes(StandardCharsets.US_ASCII));
        assertEquals(5, monitors.handling());
        assertTrue(monitors.handlingSince() > 0);
        assertEquals(1, monitors.requests());
        assertEquals(SlotState.READING, monitors.state(9));
        assertEquals(new MonitorScoreboard.Told(SlotState.READING, 1, 2, 3, 4, 10, 6), monitors.told(9));
        assertEquals(5, monitors.told(9).ends());
        assertFalse(monitors.told(9).keepsAtEnd());
        slot.ends(5, true);
        assertEquals(5, monitors.told(9).ends());
        assertTrue(monitors.told(9).keepsAtEnd());
        slot.ends(-1, true);
        assertEquals(-1, monitors.told(9).ends());
        assertEquals(
                "abc",
                StandardCharsets.US_ASCII.decode(monitors.journal(9, 100, 3)).toString());
        assertEquals(ByteBuffer.wrap(new byte[] {2, 3}), monitors.answer(9, 1, 2));
        assertEquals(3, monitors.told(9).answerBytes());
        assertFalse(monitors.told(9).keepsAfterAnswer());
        slot.answer(null, true);
        assertEquals(0, monitors.told(9).answerBytes());
        assertNull(monitors.journal(9, Scoreboard.JOURNAL_BYTES - 2, 3));
        assertNull(monitors.journal(9, -1, 1));
        assertNull(monitors.journal(9, 0, -1));
        assertNull(monitors.journal(9, Long.MAX_VALUE, Long.MAX_VALUE));
        workers.handling(0);
        assertEquals(0, monitors.handling());
        assertEquals(0, monitors.handlingSince());
        monitors.untaken(9);
        assertEquals(SlotState.UNTAKEN, monitors.state(9));
        assertEquals(new MonitorScoreboard.Told(SlotState.UNTAKEN, -1, -1, -1, -1, -1, -1), monitors.told(9));
    }

    @Test
    void aFileThatItsWorkerHasCutShortTellsNothing() throws Exception {
        Scoreboard.open(file).answered();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(20);
        }
        assertEquals(0, monitors.requests());
        assertEquals(0, monitors.handling());
        assertEquals(SlotState.ANSWERING, monitors.state(0));
        assertEquals(-1, monitors.told(0).begins());
        assertNull(monitors.journal(0, 0, 1));
        assertEquals(SlotState.ANSWERING, monitors.state(Scoreboard.SLOTS - 1));
    }

    @Test
    void aStateThatNobodyKnowsCountsAsTheOneOfWhichNothingIsSure() throws Exception {
        for (byte garbage : new byte[] {5, 100, 127, -1, -128}) {
            assertEquals(SlotState.ANSWERING, SlotState.of(garbage));
        }
    }

    @Test
    void whatIsNoScoreboardIsRefused() throws Exception {
        assertThrows(FileAlreadyExistsException.class, () -> MonitorScoreboard.create(file));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            for (int at : new int[] {0, 4, 8}) {
                ByteBuffer number = ByteBuffer.allocate(1);
                channel.read(number, at);
                number.put(0, (byte) (number.get(0) + 1));
                channel.write(number.rewind(), at);
                assertRefused();
                number.put(0, (byte) (number.get(0) - 1));
                channel.write(number.rewind(), at);
            }
            long size = channel.size();
            channel.truncate(size - 1);
            assertRefused();
            channel.write(ByteBuffer.allocate(2), size - 1);
            assertRefused();
            channel.truncate(size);
            Scoreboard.open(file);
        }
    }

    private void assertRefused() {
        String message = assertThrows(ProtocolException.class, () -> Scoreboard.open(file))
                .getMessage();
        assertTrue(message.contains(file.toString()), message);
    }

    private ByteBuffer content() throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
    }
}
