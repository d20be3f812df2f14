package org.handoff.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * What a client has not taken yet, in a ring of bounded size in a file without a name. Not safe for threads: its
 * {@link Outbound} guards it.
 */
final class Spool {

    private static final int MAX_PIECE = 64 * 1024;

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

    /**
     * Takes out what is to be sent next. A copy: {@code sendfile} would give the socket the file's own pages, and the
     * ring overwrites them while they wait there.
     */
    ByteBuf read(ByteBufAllocator alloc) throws IOException {
        long at = read % capacity;
        int count = (int) Math.min(Math.min(written - read, capacity - at), MAX_PIECE);
        ByteBuf piece = alloc.directBuffer(count);
        try {
            while (piece.readableBytes() < count) {
                int got = piece.writeBytes(file, at + piece.readableBytes(), count - piece.readableBytes());
                if (got < 0) {
                    throw new EOFException("A spool is shorter than what was written to it");
                }
            }
        } catch (IOException e) {
            piece.release();
            throw e;
        }
        read += count;
        return piece;
    }

    void close() throws IOException {
        file.close();
    }
}
