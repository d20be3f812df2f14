package org.handoff.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufInputStream;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;

/** A request's body: in memory while it is small, in a file without a name when it is not. */
final class RequestBody implements AutoCloseable {

    private final HttpLimits limits;
    private ByteBuf memory;
    private FileChannel file;
    private long length;

    RequestBody(HttpLimits limits) {
        this.limits = limits;
    }

    long length() {
        return length;
    }

    void add(ByteBufAllocator alloc, ByteBuf data) throws IOException {
        int count = data.readableBytes();
        if (count == 0) {
            return;
        }
        if (file == null && length + count > limits.bodyMemory()) {
            moveToFile();
        }
        if (file != null) {
            write(data);
        } else {
            if (memory == null) {
                memory = alloc.heapBuffer(count, Math.max(count, limits.bodyMemory()));
            }
            memory.writeBytes(data);
        }
        length += count;
    }

    private void moveToFile() throws IOException {
        file = TempFile.open(limits.tempDir()).getChannel();
        if (memory != null) {
            write(memory);
            memory.release();
            memory = null;
        }
    }

    private void write(ByteBuf data) throws IOException {
        for (ByteBuffer buffer : data.nioBuffers()) {
            while (buffer.hasRemaining()) {
                file.write(buffer);
            }
        }
    }

    /** The body from its first byte. Called once, when it is complete. */
    InputStream open() throws IOException {
        if (file != null) {
            file.position(0);
            return new BufferedInputStream(Channels.newInputStream(file), 16 * 1024);
        }
        return memory == null ? InputStream.nullInputStream() : new ByteBufInputStream(memory);
    }

    /** A copy of a piece of the body, when it is complete; the caller releases it. */
    ByteBuf read(ByteBufAllocator alloc, long offset, int most) throws IOException {
        int count = (int) Math.min(most, length - offset);
        ByteBuf piece = alloc.directBuffer(count);
        if (file == null) {
            return memory == null ? piece : piece.writeBytes(memory, (int) offset, count);
        }
        try {
            while (piece.readableBytes() < count) {
                int at = piece.readableBytes();
                if (piece.writeBytes(file, offset + at, count - at) < 0) {
                    throw new EOFException("A body's file is shorter than what was written to it");
                }
            }
            return piece;
        } catch (IOException e) {
            piece.release();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        if (memory != null) {
            memory.release();
            memory = null;
        }
        if (file != null) {
            file.close();
        }
    }
}
