package org.handoff.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultFileRegion;
import io.netty.util.ReferenceCountUtil;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection's way out, from the handler's thread to the event loop. The handler never waits for the client: what is
 * not taken at once stays in memory while that is little, and goes to a {@link Spool} then. Only a full spool makes
 * the handler wait, for the write time at most.
 */
final class Outbound {

    /** What each connection may hold in memory, however busy the engine. */
    private static final long OWN_MEMORY = 64 * 1024;
    /** What all connections of an engine hold in memory together before they spool. */
    private static final long SHARED_MEMORY = 8L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Outbound.class);

    private final ServerConnection connection;
    private final HttpLimits limits;
    private final AtomicLong shared;
    private final Runnable pump = this::pump;

    // Guarded by this.
    private final Queue<Object> queue = new ArrayDeque<>(4);
    private long held;
    private Spool spool;
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

    // The event loop's.
    private final Pace pace = new Pace();
    private boolean busy;
    private boolean lastBatch;
    /** What was written of this response. */
    private long total;
    private long batchBytes;
    private long heldInBatch;

    Outbound(ServerConnection connection, HttpLimits limits, AtomicLong shared) {
        this.connection = connection;
        this.limits = limits;
        this.shared = shared;
    }

    /** Sends the data, which is taken over in every case. Called by the handler's thread. */
    synchronized void write(ByteBuf data) throws IOException {
        try {
            checkOpen();
            begun = true;
            int count = data.readableBytes();
            boolean spooling = spool != null && !spool.isEmpty();
            if (!spooling && (held + count <= OWN_MEMORY || shared.get() + count <= SHARED_MEMORY)) {
                hold(data.retain(), count);
            } else {
                spool(data);
            }
            kick();
        } finally {
            data.release();
        }
    }

    private void hold(ByteBuf data, int count) {
        queue.add(data);
        held += count;
        shared.addAndGet(count);
    }

    private void spool(ByteBuf data) throws IOException {
        if (spool == null) {
            spool = new Spool(limits.tempDir(), limits.spool());
        }
        spool.write(data);
        long end = System.nanoTime() + limits.writeTime().toNanos();
        while (data.isReadable()) {
            kick();
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                givenUp = true;
                connection.execute(connection::cut);
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
            spool.write(data);
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
        int count = data.readableBytes();
        boolean spooling = spool != null && !spool.isEmpty();
        kick();
        if (!spooling && (held + count <= OWN_MEMORY || shared.get() + count <= SHARED_MEMORY)) {
            hold(data, count);
            return true;
        }
        rest = data;
        whenRoom = room;
        return spoolRest();
    }

    /** @return whether all of it found room */
    private boolean spoolRest() {
        try {
            if (spool == null) {
                spool = new Spool(limits.tempDir(), limits.spool());
            }
            spool.write(rest);
        } catch (IOException e) {
            LOG.error("A response could not be kept in {}", limits.tempDir(), e);
            givenUp = true;
            connection.execute(connection::abort);
            return true;
        }
        if (rest.isReadable()) {
            return false;
        }
        rest.release();
        rest = null;
        return true;
    }

    private void checkOpen() throws IOException {
        if (closed || givenUp) {
            throw new IOException("The client has gone");
        }
    }

    private void write(DefaultFileRegion file) {
        if (closed) {
            file.release();
        } else {
            queue.add(file);
            kick();
        }
    }

    /** Ends the response. Called by the handler's thread, as its last call for a request. */
    synchronized void end(boolean keepConnection) {
        if (!closed) {
            ended = true;
            keepAlive = keepConnection;
            kick();
        }
    }

    /**
     * Sends the last of the response's data, which is taken over in every case. That it is the last is known before any
     * of it leaves. Called by the handler's thread, as its last call for a request.
     */
    synchronized void writeAndEnd(ByteBuf data, boolean keepConnection) throws IOException {
        if (!begun && !closed) {
            connection.responds(data, keepConnection);
        }
        write(data);
        end(keepConnection);
    }

    /** The same for a file. */
    synchronized void writeAndEnd(DefaultFileRegion file, boolean keepConnection) {
        write(file);
        end(keepConnection);
    }

    synchronized boolean isClosed() {
        return closed || givenUp;
    }

    private void kick() {
        if (!kicked) {
            kicked = true;
            connection.execute(pump);
        }
    }

    private void pump() {
        while (!busy) {
            ChannelFuture last = writeBatch();
            if (last == null) {
                return;
            }
            busy = true;
            pace.start(limits.writeTime());
            connection.answering();
            if (lastBatch && keepAlive) {
                connection.ending(total);
            }
            connection.context().flush();
            if (last.isDone()) {
                written(last);
            } else {
                last.addListener(future -> {
                    written((ChannelFuture) future);
                    pump();
                });
            }
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
                ended = false;
                done = true;
                total = 0;
                begun = false;
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
                heldInBatch += data.readableBytes();
                total += data.readableBytes();
            } else if (next instanceof DefaultFileRegion file) {
                total += file.count();
            }
            last = connection.context().write(next);
        }
        batchBytes = heldInBatch;
        return last;
    }

    private ChannelFuture writeSpooled() {
        try {
            ByteBuf piece = spool.read(connection.context().alloc());
            batchBytes = piece.readableBytes();
            total += batchBytes;
            // There is room again for a handler that waits.
            notifyAll();
            if (rest != null && spoolRest()) {
                connection.execute(whenRoom);
            }
            return connection.context().write(piece);
        } catch (IOException e) {
            LOG.error("A spool in {} could not be read", limits.tempDir(), e);
            connection.execute(connection::abort);
            return null;
        }
    }

    private void written(ChannelFuture last) {
        busy = false;
        if (!last.isSuccess()) {
            LOG.debug("A client left during a response", last.cause());
            connection.abort();
            return;
        }
        synchronized (this) {
            if (closed) {
                return;
            }
            held -= heldInBatch;
            shared.addAndGet(-heldInBatch);
        }
    }

    /** Whether the client is slower than it may be. Called by the event loop. */
    boolean late(long now) {
        if (!busy) {
            return false;
        }
        ChannelOutboundBuffer buffer = connection.context().channel().unsafe().outboundBuffer();
        long moved = 0;
        if (buffer != null) {
            long waiting = Math.min(batchBytes, buffer.totalPendingWriteBytes());
            moved = batchBytes - waiting + buffer.currentProgress();
        }
        return pace.late(now, moved);
    }

    /** Gives everything back; what the handler still writes fails or is dropped. Called by the event loop. */
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        queue.forEach(ReferenceCountUtil::release);
        queue.clear();
        shared.addAndGet(-held);
        held = 0;
        if (rest != null) {
            rest.release();
            rest = null;
        }
        closeSpool();
        notifyAll();
    }

    private void closeSpool() {
        if (spool != null) {
            try {
                spool.close();
            } catch (IOException e) {
                LOG.warn("A spool could not be closed", e);
            }
            spool = null;
        }
    }
}
