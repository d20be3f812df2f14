package org.handoff.http.internal.response;

import java.io.FileDescriptor;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import org.handoff.http.internal.file.FileBytes;
import org.handoff.http.internal.file.TempFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of one response that the client has not taken yet, in a ring of bounded size in an unlinked file. Each byte
 * has its place by its offset in the response, so that bytes still in memory have one too. The file is truncated and
 * closed when its last user releases it: another process may hold it open.
 *
 * <p>Not thread-safe but for {@link #put} and {@link #piece}: its {@link ResponseWriter} guards it.
 */
final class Spool extends AbstractReferenceCounted {

    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);

    private static final int MAX_PIECE = 64 * 1024;

    private final RandomAccessFile file;
    private final FileChannel channel;
    private final long capacity;
    private long end;
    private long read;

    Spool(Path directory, long capacity) throws IOException {
        this.file = TempFile.open(directory);
        this.channel = file.getChannel();
        this.capacity = capacity;
    }

    /** The bytes in the ring. */
    long capacity() {
        return capacity;
    }

    /** The file; open as long as this is retained. */
    FileDescriptor descriptor() throws IOException {
        return file.getFD();
    }

    boolean isEmpty() {
        return end == read;
    }

    /** The number of bytes still to be read. */
    long size() {
        return end - read;
    }

    /**
     * Takes as much of the data as there is room for.
     *
     * @param offset the data's, after all bytes here
     * @param needed bytes before this offset are not needed any more
     */
    void append(ByteBuf data, long offset, long needed) throws IOException {
        if (isEmpty()) {
            read = offset;
            end = offset;
        }
        int count = (int) Math.max(0, Math.min(needed + capacity - end, data.readableBytes()));
        put(data.readSlice(count), end);
        end += count;
    }

    /** Writes the data, no more than the capacity, to its place. Any thread. */
    void put(ByteBuf data, long offset) throws IOException {
        for (ByteBuffer buffer : data.nioBuffers()) {
            for (int limit = buffer.limit(); buffer.position() < limit; ) {
                long at = offset % capacity;
                buffer.limit((int) Math.min(limit, buffer.position() + capacity - at));
                offset += channel.write(buffer, at);
                buffer.limit(limit);
            }
        }
    }

    /**
     * Takes out the part to be sent next; its place is not used again before {@link #append} says that it is not
     * needed.
     *
     * @param unreadable run if the part cannot be read when it is sent
     */
    SpooledPart next(ByteBufAllocator alloc, Runnable unreadable) {
        int count = (int) Math.min(Math.min(end - read, capacity - read % capacity), MAX_PIECE);
        SpooledPart part = new SpooledPart(this, alloc, read, count, unreadable);
        read += count;
        return part;
    }

    /** A copy of a part that {@link #next} gave; the caller releases it. */
    ByteBuf piece(ByteBufAllocator alloc, long offset, int count) throws IOException {
        return FileBytes.read(alloc, channel, offset % capacity, count, "A spool");
    }

    /**
     * Sets the bytes to be read, which were put to their places.
     *
     * @param from the offset of the first byte
     * @param to the offset after the last
     */
    void cover(long from, long to) {
        read = from;
        end = to;
    }

    @Override
    public ReferenceCounted touch(Object hint) {
        return this;
    }

    @Override
    protected void deallocate() {
        try {
            try (file) {
                channel.truncate(0);
            }
        } catch (IOException e) {
            LOG.warn("Cannot close the spool of a response", e);
        }
    }
}
