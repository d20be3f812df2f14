package org.handoff.worker.runtime.connection;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

import org.handoff.http.FileInput;
import org.handoff.socket.SharedFile;

/**
 * The bytes for which one connection's journal has no room: a file that outlives this process, as the monitor has its
 * descriptor. It is made on first use, and used again for later requests. On the event loop only.
 *
 * <p>Positions count the bytes that were read from the connection since it began. The file has those from
 * <em>start</em> to <em>end</em>.
 */
final class SpillFile implements Closeable {

    /** The largest number of answered bytes in the file: overwriting them takes less time than allocating new room. */
    private static final long STALE = 2 << 20;

    private static final int PIECE = 64 * 1024;

    private final Path folder;
    private UsedFile file;
    /** Whether another user may still read the file, here or in another process. */
    private boolean adopted;

    private long start;
    private long end;
    /** The length that the file may have. */
    private long size;

    /** @param folder the folder for the file */
    SpillFile(Path folder) {
        this.folder = folder;
    }

    /** Goes on with a file that the monitor has sent; closed here. */
    void adopt(SharedFile theirs, long startsAt, long endsAt) {
        file = new UsedFile(theirs);
        adopted = true;
        start = startsAt;
        end = endsAt;
    }

    /** The position of the first byte. */
    long start() {
        return start;
    }

    /** The position after the last byte; 0 while there is no file. */
    long end() {
        return end;
    }

    /** The descriptor of the file, if there is one. It belongs to this object. */
    int descriptor() {
        return file.file().descriptor();
    }

    /**
     * Prepares the file for appending.
     *
     * @param request the position of the first byte that is still of use
     * @return whether the file begins anew, and the monitor has to be told
     * @throws IOException if no file can be made
     */
    boolean prepare(long request) throws IOException {
        if (file != null && end > request && request - start <= STALE) {
            return false;
        }
        if (file != null && end <= request && !adopted && !file.isShared()) {
            clear();
        } else {
            replace(request);
        }
        start = request;
        end = Math.max(end, request);
        return true;
    }

    /** Continues in another file, with the useful bytes of this one. */
    private void replace(long request) throws IOException {
        SharedFile next = SharedFile.create(folder);
        try {
            for (long at = request; at < end; ) {
                ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, end - at));
                file.file().read(piece, at - start);
                next.write(piece.flip(), at - request);
                at += piece.limit();
            }
        } catch (IOException e) {
            next.close();
            throw e;
        }
        close();
        file = new UsedFile(next);
        adopted = false;
        size = 0;
    }

    /** Appends what remains of a buffer: the bytes at <em>end</em>. */
    void append(ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        file.file().write(bytes, end - start);
        end += count;
        size = Math.max(size, end - start);
    }

    /** Truncates the file, if it is long: no byte of it is of use any more. */
    void clear() throws IOException {
        if (size > STALE && !adopted && !file.isShared()) {
            file.file().clear();
            size = 0;
        }
    }

    /** The bytes between two positions, which are in the file. */
    FileInput part(long from, long to) {
        return new FileInput(file.file().channel(), from - start, to - start);
    }

    /** Keeps the file for a reader until the reader closes the result. */
    Closeable use() {
        return file.use();
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}
