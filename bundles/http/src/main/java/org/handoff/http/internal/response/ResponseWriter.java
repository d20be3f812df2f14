package org.handoff.http.internal.response;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.ReferenceCountUtil;
import org.handoff.http.HttpConnection;
import org.handoff.http.internal.response.ResponseListener.Abandonment;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.http.limits.MinimumRate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection's way out, from the handler's thread to the event loop. The handler never waits for the client: what is
 * not taken at once stays in memory while that is little, and goes to a {@link Spool} then. Only a full spool makes
 * the handler wait, for the write time at most; and at the end it waits until the loop has written what the client
 * takes at once and the rest is in a file, where the connection's owner can make use of that.
 */
public final class ResponseWriter {

    private static final Logger LOG = LoggerFactory.getLogger(ResponseWriter.class);

    private final ResponseListener connection;
    private final GuardedTasks tasks;
    private final HttpConnection.Owner owner;
    private final HttpLimits limits;
    private final MemoryBudget memory;
    private final Runnable pump = this::pump;

    // Guarded by this.
    private final Queue<Object> queue = new ArrayDeque<>(4);
    private long held;
    private Spool spool;
    /** How long the present response is so far. */
    private long made;
    /** How much of it is sure to be with the kernel; the spool has no room to spare for the rest. */
    private long written;
    /** What is being written is in the spool. */
    private boolean spooling;

    private boolean kicked;
    private boolean ended;
    private boolean keepAlive;
    /** Something of this response was written. */
    private boolean begun;

    private boolean closed;
    private boolean givenUp;
    /** What the spool has no room for, of a handler that does not wait, and what to run once it has. */
    private ByteBuf rest;

    private Runnable whenRoom;
    /** What is counted of it. */
    private long restCharged;
    /** The handler's thread waits for what is left of its response, which is complete. */
    private boolean awaitsUnsent;

    private UnsentTail unsent;

    // The event loop's.
    private ChannelHandlerContext ctx;
    private final MinimumRate pace = new MinimumRate();
    private boolean busy;
    private boolean lastBatch;
    /** The owner knows where this response ends. */
    private boolean endTold;
    /** What was written of this response. */
    private long total;

    private long batchBytes;
    private long heldInBatch;

    /**
     * @param connection told what becomes of responses
     * @param tasks of that connection
     */
    public ResponseWriter(
            ResponseListener connection,
            GuardedTasks tasks,
            HttpConnection.Owner owner,
            HttpLimits limits,
            MemoryBudget memory) {
        this.connection = connection;
        this.tasks = tasks;
        this.owner = owner;
        this.limits = limits;
        this.memory = memory;
    }

    /** Writes by way of this from now on. Called on the event loop, before anything is written. */
    public void attach(ChannelHandlerContext context) {
        ctx = context;
    }

    private void abandon(Abandonment why) {
        tasks.execute(() -> connection.abandoned(why));
    }

    /** Sends the data, which is taken over in every case. Called by the handler's thread. */
    synchronized void write(ByteBuf data) throws IOException {
        try {
            checkOpen();
            begun = true;
            // All that is not written by the end must find its place in the spool then.
            boolean all = owner.keepsRest();
            if ((!all || made - written + data.readableBytes() <= limits.spool()) && takeMemory(data)) {
                hold(data.retain());
            } else {
                spool(data, all);
            }
            kick();
        } finally {
            data.release();
        }
    }

    /** Whether the data may wait in memory; counts it then. */
    private boolean takeMemory(ByteBuf data) {
        boolean taken = (spool == null || spool.isEmpty()) && memory.take(data.readableBytes());
        held += taken ? data.readableBytes() : 0;
        return taken;
    }

    private void hold(ByteBuf data) {
        queue.add(data);
        made += data.readableBytes();
    }

    /**
     * Spools as much of it as there is room for.
     *
     * @param all whether there must be room for what is in memory too
     */
    private void append(ByteBuf data, boolean all) throws IOException {
        int before = data.readableBytes();
        openSpool().append(data, made, all || spooling ? written : made - spool.size());
        made += before - data.readableBytes();
    }

    private Spool openSpool() throws IOException {
        if (spool == null) {
            spool = new Spool(limits.tempDir(), limits.spool());
        }
        return spool;
    }

    private void spool(ByteBuf data, boolean all) throws IOException {
        append(data, all);
        long end = System.nanoTime() + limits.writeTime().toNanos();
        while (data.isReadable()) {
            kick();
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                givenUp = true;
                abandon(Abandonment.TOO_SLOW);
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
            append(data, all);
        }
    }

    /**
     * Sends the data, which is taken over in every case, and waits for nothing. Called on the event loop.
     *
     * @param room run on the event loop when there is room again
     * @return false if the spool is full: nothing more may be offered until there is room
     */
    synchronized boolean offer(ByteBuf data, Runnable room) {
        if (closed || givenUp) {
            data.release();
            return true;
        }
        kick();
        if (takeMemory(data)) {
            hold(data);
            return true;
        }
        rest = data;
        whenRoom = room;
        boolean all = spoolRest();
        if (rest != null) {
            chargeRest();
        }
        return all;
    }

    /** It can be nowhere else: where all together keep too much, this client is cut. */
    private void chargeRest() {
        restCharged = rest.capacity();
        if (!memory.charge(restCharged)) {
            givenUp = true;
            abandon(Abandonment.NO_ROOM);
        }
    }

    private void freeRest() {
        rest.release();
        rest = null;
        memory.discharge(restCharged);
        restCharged = 0;
    }

    /** @return whether all of it found room */
    private boolean spoolRest() {
        try {
            append(rest, false);
        } catch (IOException e) {
            LOG.error("A response could not be kept in {}", limits.tempDir(), e);
            givenUp = true;
            abandon(Abandonment.NO_FILE);
            return true;
        }
        if (rest.isReadable()) {
            return false;
        }
        freeRest();
        return true;
    }

    private void checkOpen() throws IOException {
        if (closed || givenUp) {
            throw new IOException("The client has gone");
        }
    }

    /** Ends the response, and waits for nothing. Called on the event loop. */
    synchronized void end(boolean keepConnection) {
        if (!closed) {
            ended = true;
            keepAlive = keepConnection;
            kick();
        }
    }

    /** Ends the response. Called by the handler's thread, as its last call for a request. */
    void endSafely(boolean keepConnection) {
        synchronized (this) {
            askForUnsent();
            end(keepConnection);
        }
        secure();
    }

    /**
     * Sends the last of the response's data, which is taken over in every case. That it is the last is known before any
     * of it leaves. Called by the handler's thread, as its last call for a request.
     */
    void writeAndEnd(ByteBuf data, boolean keepConnection) throws IOException {
        synchronized (this) {
            boolean safe = !begun && !closed && owner.responds(data, keepConnection);
            write(data);
            if (!safe) {
                askForUnsent();
            }
            end(keepConnection);
        }
        secure();
    }

    /** Sends a head and a file that is the body, which both are taken over in every case, as the whole response. */
    void writeAndEnd(ByteBuf head, ResponseFile file, boolean keepConnection) throws IOException {
        synchronized (this) {
            if (closed || givenUp) {
                head.release();
                file.release();
                checkOpen();
            }
            begun = true;
            // In memory, and not counted: it is short, and what is spooled would come behind the file.
            hold(head);
            queue.add(file);
            made += file.count();
            askForUnsent();
            end(keepConnection);
        }
        secure();
    }

    /**
     * Waits until what the client does not take at once is in a file and the connection's owner has that. Not for the
     * client: only for the event loop, which writes until the kernel takes no more, and for the file.
     */
    private void secure() {
        try {
            owner.returned();
            UnsentTail left = awaitUnsent();
            if (left != null) {
                handOver(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void askForUnsent() {
        awaitsUnsent = !closed && owner.keepsRest();
        if (awaitsUnsent) {
            // While the client is slow the loop does not look at what comes, unless it is told to once more.
            kicked = false;
        }
    }

    private synchronized UnsentTail awaitUnsent() throws InterruptedException {
        while (awaitsUnsent) {
            wait();
        }
        UnsentTail left = unsent;
        unsent = null;
        return left;
    }

    private void handOver(UnsentTail left) throws InterruptedException {
        try {
            if (!left.isFile()) {
                Spool to = retainSpool();
                if (to == null) {
                    left.close();
                    return;
                }
                left.save(to);
            }
        } catch (IOException e) {
            LOG.warn(
                    "The rest of a response cannot be kept in {}: it is lost if this process dies",
                    limits.tempDir(),
                    e);
            left.close();
            return;
        }
        CountDownLatch safe = new CountDownLatch(1);
        tasks.execute(() -> tell(left, safe));
        safe.await();
    }

    /** The spool, which the caller releases; null if nothing is left of the response any more. */
    private synchronized Spool retainSpool() throws IOException {
        return isUnfinished() ? (Spool) openSpool().retain() : null;
    }

    private void tell(UnsentTail left, CountDownLatch safe) {
        boolean told = false;
        try (left) {
            if (isUnfinished()) {
                if (!left.isFile()) {
                    leaveToSpool();
                }
                owner.rest(left.rest(), safe::countDown);
                told = true;
            }
        } catch (IOException | RuntimeException e) {
            LOG.warn("The rest of a response is lost if this process dies", e);
        } finally {
            // Whatever was thrown: the handler's thread waits for this.
            if (!told) {
                safe.countDown();
            }
        }
    }

    /** What waits in memory is in the spool as well: from here on it is only there. */
    private void leaveToSpool() {
        ChannelOutboundBuffer flushed = ctx.channel().unsafe().outboundBuffer();
        if (flushed == null) {
            return;
        }
        UnsentTail present = new UnsentTail(0, false);
        addFlushed(flushed, present);
        int messages = flushed.size();
        synchronized (this) {
            total -= present.bytes();
            queue.forEach(present::add);
            long queued = held - heldInBatch;
            held -= queued;
            memory.give(queued);
            queue.forEach(ReferenceCountUtil::release);
            queue.clear();
            present.spooled(spool.size());
            spool.cover(made - present.bytes(), made);
        }
        present.close();
        // Each counts as written, as what is to be written now comes from the spool.
        for (int i = 0; i < messages; i++) {
            flushed.remove();
        }
        pump();
    }

    private static void addFlushed(ChannelOutboundBuffer flushed, UnsentTail unsent) {
        try {
            flushed.forEachFlushedMessage(message -> {
                unsent.add(message);
                return true;
            });
        } catch (Exception e) {
            throw new IllegalStateException("Looking at what waits to be written throws nothing", e);
        }
    }

    /** Whether something of a complete response is still to be written. */
    private synchronized boolean isUnfinished() {
        return ended && !closed;
    }

    synchronized boolean isClosed() {
        return closed || givenUp;
    }

    private void kick() {
        if (!kicked) {
            kicked = true;
            tasks.execute(pump);
        }
    }

    private void pump() {
        writeAll();
        findUnsent();
    }

    private void writeAll() {
        while (!busy) {
            ChannelFuture last = writeBatch();
            if (last == null) {
                return;
            }
            busy = true;
            pace.start(limits.writeTime());
            connection.answering();
            if (lastBatch) {
                endTold = true;
                owner.ending(total, keepAlive);
            }
            ctx.flush();
            if (last.isDone()) {
                written(last);
            } else {
                last.addListener(future -> tasks.run(() -> {
                    written((ChannelFuture) future);
                    pump();
                }));
            }
        }
    }

    /** Tells a handler's thread that waits for it what is left of its response. */
    private synchronized void findUnsent() {
        if (!awaitsUnsent || closed) {
            return;
        }
        UnsentTail left = new UnsentTail(made, keepAlive);
        ChannelOutboundBuffer flushed = ctx.channel().unsafe().outboundBuffer();
        if (flushed != null) {
            addFlushed(flushed, left);
        }
        queue.forEach(left::add);
        left.spooled(spool == null ? 0 : spool.size());
        // Where nothing is left, that is about to be noticed.
        if (!left.isEmpty()) {
            unsent = left;
            awaitsUnsent = false;
            notifyAll();
        }
    }

    /** Writes what is there; ends the response where nothing is. */
    private ChannelFuture writeBatch() {
        ChannelFuture last = null;
        boolean done = false;
        synchronized (this) {
            kicked = false;
            batchBytes = 0;
            heldInBatch = 0;
            if (closed) {
                return null;
            }
            if (!queue.isEmpty()) {
                last = writeQueue();
            } else if (spool != null && !spool.isEmpty()) {
                last = writeSpooled();
            } else if (ended) {
                if (!endTold) {
                    owner.ending(total, keepAlive);
                }
                ended = false;
                done = true;
                endTold = false;
                total = 0;
                made = 0;
                written = 0;
                begun = false;
                awaitsUnsent = false;
                notifyAll();
                closeSpool();
            }
            lastBatch = ended && queue.isEmpty() && (spool == null || spool.isEmpty());
        }
        if (done) {
            connection.answered(keepAlive);
        }
        return last;
    }

    private ChannelFuture writeQueue() {
        ChannelFuture last = null;
        for (Object next = queue.poll(); next != null; next = queue.poll()) {
            if (next instanceof ByteBuf data) {
                batchBytes += data.readableBytes();
                total += data.readableBytes();
            } else if (next instanceof ResponseFile file) {
                total += file.count();
            }
            last = ctx.write(next);
        }
        heldInBatch = held;
        return last;
    }

    private ChannelFuture writeSpooled() {
        spooling = true;
        SpooledPart part = spool.next(ctx.alloc(), () -> ConnectionReset.send(ctx.channel()));
        total += part.count();
        return ctx.write(part);
    }

    private void written(ChannelFuture last) {
        busy = false;
        if (!last.isSuccess()) {
            connection.lost(last.cause());
            return;
        }
        synchronized (this) {
            if (closed) {
                return;
            }
            held -= heldInBatch;
            memory.give(heldInBatch);
            written = total;
            spooling = false;
            // There may be room in the spool again.
            notifyAll();
            if (rest != null && spoolRest()) {
                tasks.execute(whenRoom);
            }
        }
    }

    /** Whether the client is slower than it may be. Called by the event loop. */
    public boolean late(long now) {
        if (!busy) {
            return false;
        }
        ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
        long moved = 0;
        if (buffer != null) {
            long waiting = Math.min(batchBytes, buffer.totalPendingWriteBytes());
            moved = batchBytes - waiting + buffer.currentProgress();
        }
        return pace.late(now, moved);
    }

    /** Gives everything back; what the handler still writes fails or is dropped. Called by the event loop. */
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        awaitsUnsent = false;
        if (unsent != null) {
            unsent.close();
            unsent = null;
        }
        queue.forEach(ReferenceCountUtil::release);
        queue.clear();
        memory.give(held);
        held = 0;
        if (rest != null) {
            freeRest();
        }
        closeSpool();
        notifyAll();
    }

    private void closeSpool() {
        if (spool != null) {
            spool.release();
            spool = null;
        }
    }
}
