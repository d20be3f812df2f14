package org.handoff.worker.pool.internal.worker;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

import org.handoff.monitor.api.ResponseTail;
import org.handoff.socket.SharedFile;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.MonitorScoreboard;
import org.handoff.worker.protocol.ProtocolException;
import org.handoff.worker.protocol.UnwrittenTail;

/**
 * The unwritten tail of the response on a worker's connection, in a file sent by the worker, for the case that it dies.
 * The file may contain anything, and become shorter at any time. On the event loop only; closed by its owner.
 */
public final class KeptResponseTail implements Closeable {

    private final SharedFile file;
    private final UnwrittenTail where;

    private KeptResponseTail(SharedFile file, UnwrittenTail where) {
        this.file = file;
        this.where = where;
    }

    /**
     * Keeps the tail of a frame.
     *
     * @param descriptor taken over, in any case
     * @throws ProtocolException if the frame's numbers are impossible
     */
    static KeptResponseTail of(Frame frame, int descriptor) throws IOException {
        SharedFile file = SharedFile.of(descriptor);
        try {
            return new KeptResponseTail(file, UnwrittenTail.of(frame).kept());
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Whether it is the tail of the last response in the worker's record; it may be of a former one.
     *
     * @param told the worker's record
     * @param written the number of bytes written to the connection since it began
     */
    boolean isTailOf(MonitorScoreboard.Told told, long written) {
        return told.begins() < where.end()
                && told.begins() <= written
                && written <= where.end()
                && written >= where.origin() - where.before().remaining();
    }

    /** The number of its bytes in memory. */
    int memory() {
        return where.before().remaining();
    }

    /** Whether the connection is kept after the response. */
    boolean keeps() {
        return where.keeps();
    }

    /**
     * The tail as the monitor writes it.
     *
     * @param written as for {@link #isTailOf}, which must be true
     * @return closes this
     */
    ResponseTail from(long written) {
        return new ResponseTail() {
            @Override
            public long length() {
                return where.end() - written;
            }

            @Override
            public int memory() {
                return KeptResponseTail.this.memory();
            }

            @Override
            public void read(long offset, ByteBuffer into) throws IOException {
                KeptResponseTail.this.read(written + offset, into);
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        };
    }

    private void read(long from, ByteBuffer into) throws IOException {
        long count = from;
        for (int limit = into.limit(); into.position() < limit; ) {
            long offset = count - where.origin();
            if (offset < 0) {
                ByteBuffer before = where.before();
                int at = Math.toIntExact(before.remaining() + offset);
                int bytes = Math.min(before.remaining() - at, limit - into.position());
                into.put(before.slice(at, bytes));
                count += bytes;
                continue;
            }
            long at = where.capacity() == UnwrittenTail.NO_RING ? where.start() + offset : offset % where.capacity();
            long room = where.capacity() == UnwrittenTail.NO_RING ? Long.MAX_VALUE : where.capacity() - at;
            int bytes = (int) Math.min(room, limit - into.position());
            file.read(into.limit(into.position() + bytes), at);
            into.limit(limit);
            count += bytes;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
