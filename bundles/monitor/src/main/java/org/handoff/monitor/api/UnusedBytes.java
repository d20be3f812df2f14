package org.handoff.monitor.api;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

import org.handoff.socket.Descriptors;
import org.handoff.socket.SharedFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes that were read from a connection and not used: those of its next requests, or none. If there are many, the
 * first of them are in a file, which belongs to the creator of this object until it is passed to a {@link Connection}.
 * For one thread at a time.
 *
 * @param spilled the first ones; null if none are in a file
 * @param rest those behind them, position to limit
 * @param position the number of the client's bytes that all processes have read from the connection since it began,
 *        these included; or {@link #UNKNOWN}
 */
public record UnusedBytes(SpilledBytes spilled, ByteBuffer rest, long position) implements Closeable {

    /** The position of a connection whose bytes were not counted. */
    public static final long UNKNOWN = -1;

    private static final Logger LOG = LoggerFactory.getLogger(UnusedBytes.class);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Bytes of which none are in a file. */
    public static UnusedBytes of(ByteBuffer bytes, long position) {
        return new UnusedBytes(null, bytes, position);
    }

    /** No bytes. */
    public static UnusedBytes none(long position) {
        return of(NOTHING, position);
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return spilled == null && !rest.hasRemaining();
    }

    /** The number of bytes. */
    public long length() {
        return (spilled == null ? 0 : spilled.length()) + rest.remaining();
    }

    /** The position of the first one, known only if {@link #position} is. */
    public long first() {
        return position - length();
    }

    /**
     * A copy for another thread, with a descriptor of its own.
     *
     * @throws IOException if the process has no descriptors left
     */
    public UnusedBytes copy() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(rest.remaining()).put(rest.duplicate());
        SpilledBytes copy = spilled == null
                ? null
                : new SpilledBytes(
                        SharedFile.of(Descriptors.duplicate(spilled.file().descriptor())),
                        spilled.offset(),
                        spilled.length());
        return new UnusedBytes(copy, bytes.flip(), position);
    }

    /** Closes the file; for bytes that are of no use any more. */
    @Override
    public void close() {
        if (spilled != null) {
            try {
                spilled.file().close();
            } catch (IOException e) {
                LOG.warn("Cannot close the file with the first bytes of a request", e);
            }
        }
    }
}
