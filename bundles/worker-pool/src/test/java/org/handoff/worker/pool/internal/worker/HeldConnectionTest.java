package org.handoff.worker.pool.internal.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

import org.handoff.monitor.api.UnusedBytes;
import org.handoff.socket.Descriptors;
import org.handoff.socket.SharedFile;
import org.handoff.worker.protocol.UnwrittenTail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldConnectionTest {

    @TempDir
    Path folder;

    private final TestConnection connection = new TestConnection();
    private final HeldConnection held = new HeldConnection(connection, UnusedBytes.none(0), 0, false);

    @Test
    void whatIsKeptOfAResponseCountsAsLongAsItIsKept() throws Exception {
        held.tail(rest(50));
        assertEquals(50, connection.kept);
        held.tail(rest(70));
        assertEquals(70, connection.kept, "in place of the one before");
        KeptResponseTail taken = held.takeTail();
        assertEquals(0, connection.kept, "whoever has it counts it");
        taken.close();
        held.tail(rest(60));
        held.close();
        assertEquals(0, connection.kept);
    }

    private KeptResponseTail rest(int before) throws IOException {
        try (SharedFile file = SharedFile.create(folder)) {
            return KeptResponseTail.of(
                    new UnwrittenTail(0, 1, true, 0, 0, UnwrittenTail.NO_RING, 100, ByteBuffer.allocate(before))
                            .frame(),
                    Descriptors.duplicate(file.descriptor()));
        }
    }
}
