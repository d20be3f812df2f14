package org.handoff.worker.runtime;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

import org.handoff.socket.SharedFile;

/**
 * What one connection's journal has no room for: a file that the monitor has a descriptor of, so that it outlives this
 * process. It is made when it is first needed, and used again for later requests. On the event loop only.
 *
 * <p>Positions count the bytes that were read from the connection since it began. The file has those from
 * <em>start</em> to <em>end</em>.
 */
final class OverflowFile implements Closeable {

    /** So many bytes of requests that were answered may stand before the present one's. */
    private static final long STALE = 1 << 20;

    private static final int PIECE = 64 * 1024;

    /** Tells the monitor. */
    @FunctionalInterface
    interface Teller {

        /**
         * Says where the file begins.
         *
         * @param start the position of its first byte
         * @param descriptor the file
         * @return whether that has left this process; else it still waits
         * @throws IOException if it cannot be told
         */
        boolean tell(long start, int descriptor) throws IOException;
    }

    private final Path folder;
    private final Teller teller;
    private SharedFile file;
    /** The monitor's file, which somebody may still read. */
    private SharedFile adopted;
    private long start;
    private long end;

    /** @param folder where the file is made */
    OverflowFile(Path folder, Teller teller) {
        this.folder = folder;
        this.teller = teller;
    }

    /** Goes on with a file that the monitor has sent; closed here. */
    void adopt(SharedFile theirs, long startsAt, long endsAt) {
        file = theirs;
        adopted = theirs;
        start = startsAt;
        end = endsAt;
    }

    /** The position behind the last byte; 0 while there is no file. */
    long end() {
        return end;
    }

    /**
     * Sees to it that what comes next can be appended.
     *
     * @param request the position of the first byte that is still of use
     * @return whether the monitor is sure to know where the file begins
     * @throws IOException if there can be no file, or it cannot be told
     */
    boolean prepare(long request) throws IOException {
        if (file == null) {
            return begin(SharedFile.create(folder), request);
        }
        if (end <= request) {
            clear();
            start = request;
            end = request;
            return teller.tell(start, file.descriptor());
        }
        return request - start <= STALE || renew(request);
    }

    private boolean begin(SharedFile created, long request) throws IOException {
        boolean told;
        try {
            told = teller.tell(request, created.descriptor());
        } catch (IOException e) {
            created.close();
            throw e;
        }
        if (file != null && file != adopted) {
            file.close();
        }
        file = created;
        start = request;
        end = Math.max(end, request);
        return told;
    }

    /** A client whose requests come one close behind the other must not make the file longer and longer. */
    private boolean renew(long request) throws IOException {
        SharedFile next = SharedFile.create(folder);
        try {
            for (long at = request; at < end;) {
                ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, end - at));
                file.read(piece, at - start);
                next.write(piece.flip(), at - request);
                at += piece.limit();
            }
        } catch (IOException e) {
            next.close();
            throw e;
        }
        return begin(next, request);
    }

    /** Appends what remains of a buffer: the bytes at <em>end</em>. */
    void append(ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        file.write(bytes, end - start);
        end += count;
    }

    /** Gives the room back: nothing in the file is of use any more. */
    void clear() throws IOException {
        if (end > start) {
            file.clear();
            end = start;
        }
    }

    @Override
    public void close() throws IOException {
        if (adopted != null) {
            adopted.close();
        }
        if (file != null) {
            file.close();
        }
    }
}
