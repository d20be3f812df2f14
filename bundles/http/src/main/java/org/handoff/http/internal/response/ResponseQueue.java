package org.handoff.http.internal.response;

import java.io.IOException;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import org.handoff.http.internal.response.ResponseListener.Abandonment;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The present response between the thread that makes it and the event loop that writes it. A lock of its own separates
 * the two; users may hold it over several calls.
 */
final class ResponseQueue {

    /** Runs the queue's tasks on the event loop, soon. */
    interface Loop {

        /** Looks at the queue. */
        void wake();

        /** Runs a task. */
        void execute(Runnable task);

        /** Ends the response before it is complete. */
        void abandon(Abandonment why);
    }

    /** The result of {@link #write}. */
    enum Turn {
        /** There was nothing to write. */
        NOTHING,
        /** Bytes were written. */
        WRITTEN,
        /** The end was written, though no one was told where it is. */
        END_WRITTEN,
        /** All of the response was written before. */
        COMPLETE
    }

    /**
     * The progress of the present response. From each phase the response may be given up, and with it all later ones.
     */
    private enum Phase {
        /** No byte was added. */
        EMPTY,
        /** Some bytes were added. */
        BEGUN,
        /** All bytes were added. */
        ENDED,
        /** All bytes were added, and the last are being written. */
        ENDING,
        /** The connection is about to end. */
        GIVEN_UP,
        CLOSED
    }

    private static final Logger LOG = LoggerFactory.getLogger(ResponseQueue.class);

    private final Loop loop;
    private final HttpLimits limits;
    private final MemoryBudget memory;

    // Guarded by this.
    private final PendingBytes pending;
    private Phase phase = Phase.EMPTY;
    /** Whether the event loop is going to look at the queue. */
    private boolean woken;
    /** Whether the connection is kept after the response. */
    private boolean keepAlive;
    /** The bytes without room, of a handler that does not wait, and the task to run when there is room. */
    private ByteBuf excess;

    private Runnable whenRoom;
    /** The charged part of these bytes. */
    private long excessCharged;

    ResponseQueue(Loop loop, HttpLimits limits, MemoryBudget memory) {
        this.loop = loop;
        this.limits = limits;
        this.memory = memory;
        pending = new PendingBytes(limits, memory);
    }

    // ---- from a handler

    /** Whether no byte of the present response was added, and one can be. */
    synchronized boolean isEmpty() {
        return phase == Phase.EMPTY;
    }

    /** Whether a complete response has unwritten bytes. */
    synchronized boolean isUnfinished() {
        return phase == Phase.ENDED || phase == Phase.ENDING;
    }

    /** Whether no bytes are taken any more. */
    synchronized boolean isClosed() {
        return phase == Phase.GIVEN_UP || phase == Phase.CLOSED;
    }

    private void checkOpen() throws IOException {
        if (isClosed()) {
            throw new IOException("The client has gone");
        }
    }

    /**
     * Adds the data, which is taken over in any case. Waits for room, for the write time at most.
     *
     * @param all whether all unwritten bytes must have room in the spool at the end
     */
    synchronized void add(ByteBuf data, boolean all) throws IOException {
        boolean held = false;
        try {
            checkOpen();
            phase = Phase.BEGUN;
            held = pending.hold(data, all);
            if (!held) {
                awaitRoom(data, all);
            }
            wake();
        } finally {
            if (!held) {
                data.release();
            }
        }
    }

    private void awaitRoom(ByteBuf data, boolean all) throws IOException {
        pending.spool(data, all);
        long end = System.nanoTime() + limits.writeTime().toNanos();
        while (data.isReadable()) {
            wake();
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                giveUp(Abandonment.TOO_SLOW);
                throw new IOException("The client takes the response too slowly: " + limits.spool()
                        + " bytes of it wait already (http.spool)");
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("Interrupted while the client was slow", e);
            }
            checkOpen();
            pending.spool(data, all);
        }
    }

    /** Adds a whole response, which is a head and a file; both are taken over. */
    synchronized void add(ByteBuf head, ResponseFile file) throws IOException {
        if (isClosed()) {
            head.release();
            file.release();
            checkOpen();
        }
        phase = Phase.BEGUN;
        pending.hold(head, file);
    }

    /**
     * Adds the data, which is taken over in any case, without waiting. On the event loop.
     *
     * @param room run on the event loop when there is room again
     * @return false if the spool is full: nothing more may be added until there is room
     */
    synchronized boolean offer(ByteBuf data, Runnable room) {
        if (isClosed()) {
            data.release();
            return true;
        }
        phase = Phase.BEGUN;
        wake();
        if (pending.hold(data, false)) {
            return true;
        }
        excess = data;
        whenRoom = room;
        boolean all = spoolExcess();
        if (excess != null) {
            chargeExcess();
        }
        return all;
    }

    /** All of the response was added. */
    synchronized void end(boolean keepConnection) {
        if (!isClosed()) {
            phase = Phase.ENDED;
            keepAlive = keepConnection;
            wake();
        }
    }

    private void wake() {
        if (!woken) {
            woken = true;
            loop.wake();
        }
    }

    /** Lets the event loop look at the queue once more after the next addition, though the client is slow. */
    synchronized void wakeAgain() {
        woken = false;
    }

    private void giveUp(Abandonment why) {
        phase = Phase.GIVEN_UP;
        loop.abandon(why);
    }

    // ---- what has no room

    /** These bytes can only be in memory: if all together use too much, this client is cut. */
    private void chargeExcess() {
        excessCharged = excess.capacity();
        if (!memory.charge(excessCharged)) {
            giveUp(Abandonment.NO_ROOM);
        }
    }

    private void freeExcess() {
        excess.release();
        excess = null;
        memory.discharge(excessCharged);
        excessCharged = 0;
    }

    /** @return whether all bytes found room */
    private boolean spoolExcess() {
        try {
            pending.spool(excess, false);
        } catch (IOException e) {
            LOG.error("A response could not be kept in {}", limits.tempDir(), e);
            giveUp(Abandonment.NO_FILE);
            return true;
        }
        if (excess.isReadable()) {
            return false;
        }
        freeExcess();
        return true;
    }

    // ---- on the event loop

    /** Gives the channel the available bytes, to be flushed. */
    synchronized Turn write(ChannelHandlerContext ctx) {
        woken = false;
        if (phase == Phase.CLOSED) {
            return Turn.NOTHING;
        }
        if (!pending.write(ctx)) {
            return isUnfinished() ? Turn.COMPLETE : Turn.NOTHING;
        }
        if (phase == Phase.ENDED && !pending.isSpooled()) {
            phase = Phase.ENDING;
            return Turn.END_WRITTEN;
        }
        return Turn.WRITTEN;
    }

    /** Done when all bytes given to the channel are with the kernel. */
    synchronized ChannelFuture lastWrite() {
        return pending.lastWrite();
    }

    /** The number of bytes last given to the channel, without those of files. */
    synchronized long batchBytes() {
        return pending.batchBytes();
    }

    /** Whether the channel was last given a head and a file, which it writes one by one. */
    synchronized boolean isFileInBatch() {
        return pending.isFileInBatch();
    }

    /** The number of bytes of the present response given to the channel. */
    synchronized long taken() {
        return pending.taken();
    }

    /** The number of bytes of the present response that are not with the kernel, but for those without room. */
    synchronized long unwritten() {
        return pending.unwritten();
    }

    synchronized boolean keepsConnection() {
        return keepAlive;
    }

    /** Whether {@link #write} has said where the end is. */
    synchronized boolean isEndWritten() {
        return phase == Phase.ENDING;
    }

    /** All bytes given to the channel are with the kernel. */
    synchronized void written() {
        if (phase == Phase.CLOSED) {
            return;
        }
        pending.written();
        // There may be room in the spool again.
        notifyAll();
        if (excess != null && spoolExcess()) {
            loop.execute(whenRoom);
        }
    }

    /** The response is with the kernel, complete: the next one may come. */
    synchronized void answered() {
        phase = Phase.EMPTY;
        pending.reset();
    }

    /** The part of a complete response that is not with the kernel. @param flushed the channel's part, or null */
    synchronized UnsentTail unsent(ChannelOutboundBuffer flushed) {
        return pending.unsent(flushed, keepAlive);
    }

    /** The spool, which the caller releases; null if the response has no byte left. Any thread. */
    synchronized Spool retainSpool() throws IOException {
        return isUnfinished() ? (Spool) pending.openSpool().retain() : null;
    }

    /** See {@link PendingBytes#leaveToSpool}. */
    synchronized void leaveToSpool(UnsentTail flushed) {
        pending.leaveToSpool(flushed);
    }

    /** Releases all buffers. */
    synchronized void close() {
        if (phase == Phase.CLOSED) {
            return;
        }
        phase = Phase.CLOSED;
        pending.close();
        if (excess != null) {
            freeExcess();
        }
        notifyAll();
    }
}
