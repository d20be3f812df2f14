package org.handoff.http.internal.response;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.ReferenceCountUtil;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;

/**
 * The bytes of one response that are not with the kernel, by their offsets in it: in memory while they are few, then in
 * a {@link Spool}. Guarded by the lock of its {@link ResponseQueue}.
 */
final class PendingBytes {

    private final HttpLimits limits;
    private final MemoryBudget memory;

    private final Queue<Object> pieces = new ArrayDeque<>(4);
    /** The memory that the pieces have taken, those that are being written included. */
    private long held;

    private Spool spool;
    /** The length of the response so far. */
    private long made;
    /** The number of bytes given to the channel. */
    private long taken;
    /** The number of bytes certainly with the kernel; the spool has no room to spare for the rest. */
    private long written;
    /** Whether the bytes that are being written are in the spool. */
    private boolean spooling;

    private ChannelFuture lastWrite;
    private long batchBytes;
    /** Whether the bytes last given to the channel are a head and a file. */
    private boolean fileInBatch;

    private long heldInBatch;

    PendingBytes(HttpLimits limits, MemoryBudget memory) {
        this.limits = limits;
        this.memory = memory;
    }

    /**
     * Keeps the data in memory, if there is room.
     *
     * @param data taken over if so
     * @param all whether all unwritten bytes must have room in the spool at the end
     */
    boolean hold(ByteBuf data, boolean all) {
        int count = data.readableBytes();
        boolean fits = (!all || made - written + count <= limits.spool()) && !isSpooled() && memory.take(count);
        if (fits) {
            held += count;
            holdUncounted(data);
        }
        return fits;
    }

    private void holdUncounted(ByteBuf data) {
        pieces.add(data);
        made += data.readableBytes();
    }

    /** Keeps a head and a file, which are the last of the response. */
    void hold(ByteBuf head, ResponseFile file) {
        // In memory, and not counted: the head is short, and spooled bytes would come after the file.
        holdUncounted(head);
        pieces.add(file);
        made += file.count();
    }

    /**
     * Spools as much of the data as there is room for.
     *
     * @param all whether there must be room for the bytes in memory too
     */
    void spool(ByteBuf data, boolean all) throws IOException {
        int before = data.readableBytes();
        openSpool().append(data, made, all || spooling ? written : made - spool.size());
        made += before - data.readableBytes();
    }

    /** The spool, which is made at the first call. */
    Spool openSpool() throws IOException {
        if (spool == null) {
            spool = new Spool(limits.tempDir(), limits.spool());
        }
        return spool;
    }

    boolean isSpooled() {
        return spool != null && !spool.isEmpty();
    }

    // ---- on the event loop

    /** @return whether the channel was given bytes; it is to be flushed */
    boolean write(ChannelHandlerContext ctx) {
        batchBytes = 0;
        fileInBatch = false;
        heldInBatch = 0;
        if (!pieces.isEmpty()) {
            writePieces(ctx);
        } else if (isSpooled()) {
            writeSpooled(ctx);
        } else {
            return false;
        }
        return true;
    }

    private void writePieces(ChannelHandlerContext ctx) {
        for (Object next = pieces.poll(); next != null; next = pieces.poll()) {
            if (next instanceof ByteBuf data) {
                batchBytes += data.readableBytes();
                taken += data.readableBytes();
            } else if (next instanceof ResponseFile file) {
                taken += file.count();
                fileInBatch = true;
            }
            lastWrite = ctx.write(next);
        }
        heldInBatch = held;
    }

    private void writeSpooled(ChannelHandlerContext ctx) {
        spooling = true;
        SpooledPart part = spool.next(ctx.alloc(), () -> ConnectionReset.send(ctx.channel()));
        taken += part.count();
        lastWrite = ctx.write(part);
    }

    /** Done when all bytes given to the channel are with the kernel. */
    ChannelFuture lastWrite() {
        return lastWrite;
    }

    /** The number of bytes last given to the channel, without those of files. */
    long batchBytes() {
        return batchBytes;
    }

    /** Whether the channel was last given a head and a file. */
    boolean isFileInBatch() {
        return fileInBatch;
    }

    /** The number of bytes given to the channel. */
    long taken() {
        return taken;
    }

    /** The number of bytes not certainly with the kernel. */
    long unwritten() {
        return made - written;
    }

    /** All bytes given to the channel are with the kernel. */
    void written() {
        held -= heldInBatch;
        memory.give(heldInBatch);
        written = taken;
        spooling = false;
    }

    /**
     * The part of the complete response that is not with the kernel.
     *
     * @param flushed the channel's part, or null
     * @param keeps whether the connection is kept after the response
     */
    UnsentTail unsent(ChannelOutboundBuffer flushed, boolean keeps) {
        UnsentTail unsent = new UnsentTail(made, keeps);
        if (flushed != null) {
            unsent.addFlushed(flushed);
        }
        pieces.forEach(unsent::add);
        unsent.spooled(spool == null ? 0 : spool.size());
        return unsent;
    }

    /**
     * Drops the bytes in memory, which are in the spool as well.
     *
     * @param flushed the channel's part, which will not be written from there
     */
    void leaveToSpool(UnsentTail flushed) {
        taken -= flushed.bytes();
        pieces.forEach(flushed::add);
        memory.give(held - heldInBatch);
        held = heldInBatch;
        dropPieces();
        flushed.spooled(spool.size());
        spool.cover(made - flushed.bytes(), made);
    }

    /** Begins with the next response, if this one has no byte left. */
    void reset() {
        made = 0;
        taken = 0;
        written = 0;
        closeSpool();
    }

    /** Releases all buffers. */
    void close() {
        dropPieces();
        memory.give(held);
        held = 0;
        closeSpool();
    }

    private void dropPieces() {
        pieces.forEach(ReferenceCountUtil::release);
        pieces.clear();
    }

    private void closeSpool() {
        if (spool != null) {
            spool.release();
            spool = null;
        }
    }
}
