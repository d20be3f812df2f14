package org.handoff.http.internal.request;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufInputStream;
import org.handoff.http.FileInput;
import org.handoff.http.KeptBody;
import org.handoff.http.internal.file.FilePart;
import org.handoff.http.internal.file.TempFile;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;

/**
 * A request's body: in memory while it is small and there is room, else in an unlinked file; or kept by the
 * connection's owner. The file's part comes first, then the part in memory.
 */
public final class RequestBody implements AutoCloseable {

    private final HttpLimits limits;
    private final MemoryBudget budget;
    private final boolean elsewhere;
    /** The bytes taken of the budget. */
    private long taken;

    private ByteBuf memory;
    private FileChannel file;
    private long from;
    private long inFile;
    private Closeable use;
    private long length;

    /**
     * @param kept whether the owner keeps the body until {@link #found}, so that it need not be here too
     * @param announced the body's length if it is known; 0 for a chunked body, which the owner cannot tell from its
     *        framing
     */
    RequestBody(HttpLimits limits, MemoryBudget budget, boolean kept, long announced) {
        this.limits = limits;
        this.budget = budget;
        elsewhere = kept && announced > 0 && !fits(announced);
    }

    private boolean fits(long bytes) {
        if (bytes > limits.bodyMemory()) {
            return false;
        }
        if (bytes > taken && budget.take(bytes - taken)) {
            taken = bytes;
        }
        return bytes <= taken;
    }

    public long length() {
        return length;
    }

    /** Whether the owner has the body. */
    public boolean isElsewhere() {
        return elsewhere;
    }

    void add(ByteBufAllocator alloc, ByteBuf data) throws IOException {
        int count = data.readableBytes();
        length += count;
        if (count == 0 || elsewhere) {
            return;
        }
        if (file == null && !fits(length)) {
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
    }

    private void moveToFile() throws IOException {
        file = TempFile.open(limits.tempDir()).getChannel();
        use = file;
        if (memory != null) {
            write(memory);
        }
        freeMemory();
    }

    private void freeMemory() {
        if (memory != null) {
            memory.release();
            memory = null;
        }
        budget.give(taken);
        taken = 0;
    }

    private void write(ByteBuf data) throws IOException {
        for (ByteBuffer buffer : data.nioBuffers()) {
            while (buffer.hasRemaining()) {
                inFile += file.write(buffer);
            }
        }
    }

    /** Takes the body that the owner has kept. */
    public void found(KeptBody kept) {
        use = kept.use();
        memory = kept.rest();
        if (kept.file() != null) {
            file = kept.file().file();
            from = kept.file().from();
            inFile = kept.file().to() - from;
        }
    }

    /** The body from its first byte. Called once, when it is complete. */
    public InputStream open() {
        InputStream rest = memory == null ? InputStream.nullInputStream() : new ByteBufInputStream(memory);
        return inFile == 0
                ? rest
                : new SequenceInputStream(
                        new BufferedInputStream(new FilePart(new FileInput(file, from, from + inFile)), 16 * 1024),
                        rest);
    }

    /** A copy of a piece of the body, when it is complete; the caller releases it. */
    ByteBuf read(ByteBufAllocator alloc, long offset, int most) throws IOException {
        int count = (int) Math.min(most, length - offset);
        ByteBuf piece = alloc.directBuffer(count);
        try {
            while (piece.readableBytes() < count && offset + piece.readableBytes() < inFile) {
                long at = offset + piece.readableBytes();
                int wanted = (int) Math.min(count - piece.readableBytes(), inFile - at);
                if (piece.writeBytes(file, from + at, wanted) < 0) {
                    throw new EOFException("A body's file is shorter than what was written to it");
                }
            }
            int missing = count - piece.readableBytes();
            return missing == 0
                    ? piece
                    : piece.writeBytes(memory, (int) (offset + piece.readableBytes() - inFile), missing);
        } catch (IOException e) {
            piece.release();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        freeMemory();
        if (use != null) {
            Closeable closed = use;
            use = null;
            closed.close();
        }
    }
}
