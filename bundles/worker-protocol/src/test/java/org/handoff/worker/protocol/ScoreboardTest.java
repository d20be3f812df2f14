package org.handoff.worker.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

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
        workers.state(0, SlotState.IDLE);
        workers.state(1, SlotState.READING);
        workers.state(2, SlotState.HANDLING);
        workers.state(Scoreboard.SLOTS - 1, SlotState.ANSWERING);
        long before = System.currentTimeMillis();
        workers.handling(77);
        ByteBuffer bytes = content();
        assertEquals(0x48534231, bytes.getInt(0), "magic");
        assertEquals(1, bytes.getInt(4), "version");
        assertEquals(16_320, bytes.getInt(8), "slots");
        assertEquals(2, bytes.getLong(16), "requests");
        assertEquals(77, bytes.getLong(24), "connection");
        assertTrue(bytes.getLong(32) >= before && bytes.getLong(32) <= System.currentTimeMillis(), "since");
        assertEquals(1, bytes.get(64));
        assertEquals(2, bytes.get(65));
        assertEquals(3, bytes.get(66));
        assertEquals(4, bytes.get(64 + 16_319));
        assertEquals(64 + 16_320, bytes.capacity());
    }

    @Test
    void oneSideReadsWhatTheOtherWrites() throws Exception {
        Scoreboard workers = Scoreboard.open(file);
        workers.handling(5);
        workers.answered();
        workers.state(9, SlotState.READING);
        assertEquals(5, monitors.handling());
        assertTrue(monitors.handlingSince() > 0);
        assertEquals(1, monitors.requests());
        assertEquals(SlotState.READING, monitors.state(9));
        workers.handling(0);
        assertEquals(0, monitors.handling());
        assertEquals(0, monitors.handlingSince());
        monitors.untaken(9);
        assertEquals(SlotState.UNTAKEN, monitors.state(9));
        assertEquals(0, content().get(64 + 9));
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
        byte[] good = Files.readAllBytes(file);
        for (int at : new int[] {0, 4, 8}) {
            byte[] bad = good.clone();
            bad[at]++;
            Files.write(file, bad);
            assertRefused();
        }
        Files.write(file, Arrays.copyOf(good, good.length - 1));
        assertRefused();
        Files.write(file, Arrays.copyOf(good, good.length + 1));
        assertRefused();
        Files.write(file, good);
        Scoreboard.open(file);
    }

    private void assertRefused() {
        String message = assertThrows(ProtocolException.class, () -> Scoreboard.open(file)).getMessage();
        assertTrue(message.contains(file.toString()), message);
    }

    private ByteBuffer content() throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.nativeOrder());
    }
}
