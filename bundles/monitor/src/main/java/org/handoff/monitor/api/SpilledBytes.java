package org.handoff.monitor.api;

import java.io.IOException;
import java.nio.ByteBuffer;

import org.handoff.socket.SharedFile;

/**
 * The first bytes of a large request, in a file. An untrusted process may have written it, and may still write to it:
 * it is read by offset only, and may turn out to be too short.
 *
 * @param file the file
 * @param offset the offset of the first byte in the file, 0 or more
 * @param length the number of bytes, 1 or more
 */
public record SpilledBytes(SharedFile file, long offset, long length) {

    /**
     * Reads the first of them.
     *
     * @param count their number, {@link #length} at most
     * @throws IOException if there are fewer, or they cannot be read
     */
    public ByteBuffer first(int count) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(count);
        file.read(read, offset);
        return read.flip();
    }

    /** The last {@code count} of them, which are in the same file. */
    public SpilledBytes last(long count) {
        return new SpilledBytes(file, offset + length - count, count);
    }
}
