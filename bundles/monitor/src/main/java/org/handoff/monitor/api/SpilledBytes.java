package org.handoff.monitor.api;

import java.io.IOException;
import java.nio.ByteBuffer;

import org.handoff.socket.SharedFile;

/**
 * The first bytes of a large request, in a file. A process that is not trusted may have written it, and may still write
 * to it: it is read by offset only, and may turn out to be shorter than it should.
 *
 * @param file where they are
 * @param offset where in the file they begin, 0 or more
 * @param length how many they are, 1 or more
 */
public record SpilledBytes(SharedFile file, long offset, long length) {

    /**
     * Reads the first of them.
     *
     * @param count how many, {@link #length} at most
     * @throws IOException if there are not so many, or they cannot be read
     */
    public ByteBuffer first(int count) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(count);
        file.read(read, offset);
        return read.flip();
    }

    /** The last of them, {@code count}, which are in the same file. */
    public SpilledBytes last(long count) {
        return new SpilledBytes(file, offset + length - count, count);
    }
}
