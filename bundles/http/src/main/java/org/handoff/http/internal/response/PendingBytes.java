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
 * The bytes of one response that are not with the kernel, by their offsets in it: in memory while that is little, then
 * in a {@link Spool}. The lock of its {@link ResponseQueue} guards it.
 */
final class PendingBytes {

    private final HttpLimits limits;
    private final MemoryBudget memory;

    private final Queue<Object> pieces = new ArrayDeque<>(4);
    /** What the pieces have taken of the memory, with those that are being written. */
    private long held;

    private Spool spool;
    /** How long the response is so far. */
    private long made;
    /** What was given to the channel. */
    private long taken;
    /** How much is sure to be with the kernel; the spool has no room to spare for the rest. */
    private long written;
    /** What is being written is in the spool. */
    private boolean spooling;

    private ChannelFuture lastWrite;
    private long batchBytes;
    private long heldInBatch;

    PendingBytes(HttpLimits limits, MemoryBudget memory) {
        this.limits = limits;
        this.memory = memory;
    }

    /**
     * Keeps the data in memory, if it may be there.
     *
     * @param data taken over if so
     * @param all whether all that is not written in the end must find its place in the spool then
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

    /** Keeps a head and a file, which is the last of the response. */
    void hold(ByteBuf head, ResponseFile file) {
        // In memory, and not counted: it is short, and what is spooled would come behind the file.
        holdUncounted(head);
        pieces.add(file);
        made += file.count();
    }

    /**
     * Spools as much of it as there is room for.
     *
     * @param all whether there must be room for what is in memory too
     */
    void spool(ByteBuf data, boolean all) throws IOException {
        int before = data.readableBytes();
        openSpool().append(data, made, all || spooling ? written : made - spool.size());
        made += before - data.readableBytes();
    }

    /** The spool, which is made where there is none. */
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

    /** @return whether there was something to be given to the channel; it is to be flushed */
    boolean write(ChannelHandlerContext ctx) {
        batchBytes = 0;
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

    /** Done when all that was given to the channel is with the kernel. */
    ChannelFuture lastWrite() {
        return lastWrite;
    }

    /** How many bytes the channel was given last, without those of files. */
    long batchBytes() {
        return batchBytes;
    }

    /** How many bytes the channel was given. */
    long taken() {
        return taken;
    }

    /** What was given to the channel is with the kernel. */
    void written() {
        held -= heldInBatch;
        memory.give(heldInBatch);
        written = taken;
        spooling = false;
    }

    /**
     * What is not with the kernel of the response, which is complete.
     *
     * @param flushed what the channel has of it, or null
     * @param keeps whether the connection is kept behind it
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
     * What waits in memory is in the spool as well: from here on it is only there.
     *
     * @param flushed what the channel has of it, which is not going to be written from there
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

    /** Begins with the next response, where nothing is left of this one. */
    void reset() {
        made = 0;
        taken = 0;
        written = 0;
        closeSpool();
    }

    /** Gives everything back. */
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
