package org.handoff.monitor.internal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.BitSet;

import org.handoff.monitor.api.Connection;
import org.handoff.socket.SharedFile;

/**
 * An unlinked file, in the JVM's temporary folder, for bytes of connections that are needed again only if the process
 * that has them dies. It is made on first use, and truncated when unused. On the event loop only.
 */
final class ReliefFile implements Closeable {

    private static final long SLOT = Connection.MOST_UNUSED;

    private final BitSet slots = new BitSet();
    private SharedFile file;

    /**
     * Writes bytes of one connection.
     *
     * @param length {@link Connection#MOST_UNUSED} at most
     * @return the slot to read them from, until it is freed
     * @throws IOException if there is no descriptor or no room for them
     */
    int write(byte[] bytes, int length) throws IOException {
        if (file == null) {
            file = SharedFile.create(Path.of(System.getProperty("java.io.tmpdir")));
        }
        int slot = slots.nextClearBit(0);
        file.write(ByteBuffer.wrap(bytes, 0, length), slot * SLOT);
        slots.set(slot);
        return slot;
    }

    /** @throws IOException if they cannot be read */
    byte[] read(int slot, int length) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(length);
        file.read(read, slot * SLOT);
        return read.array();
    }

    void free(int slot) throws IOException {
        slots.clear(slot);
        if (slots.isEmpty() && file != null) {
            file.clear();
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
