package org.handoff.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.DefaultFileRegion;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * What a client has not taken yet, in a ring of bounded size in a file without a name. Not safe for threads: its
 * {@link Outbound} guards it.
 */
final class Spool {

    private static final long MAX_REGION = 1 << 20;

    private final FileChannel file;
    private final long capacity;
    private long written;
    private long read;

    Spool(Path directory, long capacity) throws IOException {
        this.file = TempFile.open(directory);
        this.capacity = capacity;
    }

    boolean isEmpty() {
        return written == read;
    }

    /** Takes as much of the data as there is room for. */
    void write(ByteBuf data) throws IOException {
        while (data.isReadable() && written - read < capacity) {
            long at = written % capacity;
            long room = Math.min(capacity - (written - read), capacity - at);
            int count = (int) Math.min(room, data.readableBytes());
            for (ByteBuffer buffer : data.nioBuffers(data.readerIndex(), count)) {
                while (buffer.hasRemaining()) {
                    at += file.write(buffer, at);
                }
            }
            data.skipBytes(count);
            written += count;
        }
    }

    /** What is to be sent next; it stays here until {@link #taken}. */
    DefaultFileRegion next() {
        long at = read % capacity;
        long count = Math.min(Math.min(written - read, capacity - at), MAX_REGION);
        return new DefaultFileRegion(file, at, count) {
            @Override
            protected void deallocate() {
                // The file is the spool's.
            }
        };
    }

    void taken(long count) {
        read += count;
    }

    void close() throws IOException {
        file.close();
    }
}
