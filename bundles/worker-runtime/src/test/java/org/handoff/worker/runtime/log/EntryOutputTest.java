package org.handoff.worker.runtime.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.handoff.worker.protocol.log.EntryLines;
import org.handoff.worker.protocol.log.EntryReader;
import org.handoff.worker.protocol.log.LogEntry;
import org.handoff.worker.protocol.log.LogLevel;
import org.junit.jupiter.api.Test;

/** Log entries on a standard error that does not take everything. */
class EntryOutputTest {

    private static final String MARK = "a-mark";

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    /** The number of writes until the output is full. */
    private int room;

    private final EntryOutput output = new EntryOutput(
            new OutputStream() {

                @Override
                public void write(int b) {
                    throw new IllegalStateException("a line comes by one call");
                }

                @Override
                public void write(byte[] line) throws IOException {
                    if (room-- <= 0) {
                        throw new IOException("Resource temporarily unavailable");
                    }
                    written.writeBytes(line);
                }
            },
            new EntryLines(MARK));

    private void log(String message) {
        output.write(LogLevel.INFO, 1, "org.example.Shop", message, null);
    }

    private List<String> read(EntryReader reader) {
        List<String> messages = new ArrayList<>();
        for (String line : written.toString(StandardCharsets.UTF_8).split("\n")) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            if (reader.read(bytes, bytes.length) == EntryReader.Line.ENTRY) {
                messages.add(
                        EntryReader.parse(reader.take()).map(LogEntry::message).orElseThrow());
            }
        }
        return messages;
    }

    @Test
    void lostEntriesAreCountedInTheNextOne() {
        room = 2;
        log("one");
        log("long ".repeat(2000));
        log("three");
        room = 100;
        log("four");
        log("five");
        EntryReader reader = new EntryReader(MARK);
        List<String> messages = read(reader);
        assertEquals(4, messages.size(), messages::toString);
        assertEquals("one", messages.get(0));
        assertTrue(messages.get(1).startsWith("Log entries are lost, 2 before this one"), messages::toString);
        assertEquals(List.of("four", "five"), messages.subList(2, 4));
        assertTrue(reader.takeBroken() > 3000, "the beginning of the long one is not put together with another");
    }
}
