package org.handoff.http.internal.response;

import java.io.IOException;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollSocketChannelConfig;
import org.handoff.http.Durability;
import org.handoff.http.internal.response.ResponseListener.Abandonment;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.http.limits.MinimumRate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection's way out, from the handlers' thread to the event loop. The handler never waits for the client: bytes
 * that the client does not take at once wait in a {@link ResponseQueue}. The handler waits only while that is full, for
 * the write time at most; and at the end it waits until the loop has written as much as the client takes at once and
 * the rest is safe, by {@link TailHandover}.
 */
public final class ResponseWriter {

    private static final Logger LOG = LoggerFactory.getLogger(ResponseWriter.class);

    /** The most bytes of a response for which a packet less counts. */
    private static final int SMALL = 16 * 1024;

    private final ResponseListener connection;
    private final GuardedTasks tasks;
    private final Durability durability;
    private final HttpLimits limits;
    private final ResponseQueue queue;
    private final TailHandover handover;

    // Used on the event loop only.
    private final MinimumRate rate = new MinimumRate();
    private ChannelHandlerContext ctx;
    /** Whether the channel has bytes that are not with the kernel. */
    private boolean busy;

    /**
     * @param connection told of the responses' progress
     * @param tasks of that connection
     * @param durability of that connection
     */
    public ResponseWriter(
            ResponseListener connection,
            GuardedTasks tasks,
            Durability durability,
            HttpLimits limits,
            MemoryBudget memory) {
        this.connection = connection;
        this.tasks = tasks;
        this.durability = durability;
        this.limits = limits;
        queue = new ResponseQueue(new LoopTasks(), limits, memory);
        handover = new TailHandover(queue, durability, tasks, limits, this::pump);
    }

    /** Writes to this channel from now on. On the event loop, before the first byte is written. */
    public void attach(ChannelHandlerContext context) {
        ctx = context;
        handover.attach(context);
    }

    private final class LoopTasks implements ResponseQueue.Loop {

        private final Runnable pump = ResponseWriter.this::pump;

        @Override
        public void wake() {
            tasks.execute(pump);
        }

        @Override
        public void execute(Runnable task) {
            tasks.execute(task);
        }

        @Override
        public void abandon(Abandonment why) {
            tasks.execute(() -> connection.abandoned(why));
        }
    }

    // ---- on the handlers' thread

    /** Sends a piece of a response that its handler goes on with; the data is taken over in any case. */
    void write(ByteBuf data) throws IOException {
        queue.add(data, durability.keepsTail());
        tasks.leaveLoop();
    }

    /** Sends a piece of a response whose handler has returned; the data is taken over in any case. */
    void writePiece(ByteBuf data) throws IOException {
        queue.add(data, durability.keepsTail());
        tasks.runWaiting();
    }

    /** Ends the response; the last call for a request. */
    void endSafely(boolean keepConnection) {
        synchronized (queue) {
            handover.ask();
            queue.end(keepConnection);
        }
        handover.await();
    }

    /**
     * Sends the last of the response's data, which is taken over in any case; the last call for a request. So it is
     * known before any of it leaves that it is the last.
     */
    void writeAndEnd(ByteBuf data, boolean keepConnection) throws IOException {
        synchronized (queue) {
            boolean safe = queue.isEmpty() && durability.responds(data, keepConnection);
            queue.add(data, durability.keepsTail());
            if (!safe) {
                handover.ask();
            }
            queue.end(keepConnection);
        }
        handover.await();
    }

    /** Sends a head and a file that is the body, as the whole response; both are taken over in any case. */
    void writeAndEnd(ByteBuf head, ResponseFile file, boolean keepConnection) throws IOException {
        synchronized (queue) {
            queue.add(head, file);
            handover.ask();
            queue.end(keepConnection);
        }
        handover.await();
    }

    /** Code of the handler is about to run on this thread, without a request. */
    void announceRun() {
        durability.runs();
    }

    /** Whether nothing can be sent any more. Any thread. */
    boolean isClosed() {
        return queue.isClosed();
    }

    // ---- on the event loop

    /**
     * Sends the data, which is taken over in any case, without waiting.
     *
     * @param room run on the event loop when there is room again
     * @return false if the spool is full: nothing more may be offered until there is room
     */
    boolean offer(ByteBuf data, Runnable room) {
        return queue.offer(data, room);
    }

    /** The number of bytes of the present response that the client has not taken. */
    long unwritten() {
        return queue.unwritten();
    }

    /** Ends the response, without waiting. */
    void end(boolean keepConnection) {
        queue.end(keepConnection);
    }

    private void pump() {
        writeAll();
        handover.find();
    }

    private void writeAll() {
        while (!busy) {
            ResponseQueue.Turn turn = queue.write(ctx);
            switch (turn) {
                case NOTHING -> {
                    return;
                }
                case COMPLETE -> {
                    complete();
                    return;
                }
                default -> flush(turn == ResponseQueue.Turn.END_WRITTEN);
            }
        }
    }

    private void flush(boolean last) {
        busy = true;
        rate.start(limits.writeTime());
        connection.answering();
        ChannelFuture write;
        boolean endFollows;
        boolean fileFollows;
        synchronized (queue) {
            if (last) {
                durability.ending(queue.taken(), queue.keepsConnection());
            }
            endFollows = last && !queue.keepsConnection() && queue.taken() <= SMALL;
            fileFollows = queue.isFileInBatch();
            write = queue.lastWrite();
        }
        if (endFollows || fileFollows) {
            holdBack(true);
        }
        ctx.flush();
        if (fileFollows && !endFollows) {
            holdBack(false);
        }
        if (write.isDone()) {
            written(write);
        } else {
            write.addListener(future -> tasks.run(() -> {
                written((ChannelFuture) future);
                pump();
            }));
        }
    }

    /**
     * Lets the system hold back what follows until its packets are full, or no longer: the end of the connection leaves
     * in the packet of a short response, and a head in the first packet of its file. A head in a packet of its own costs
     * more than that packet: the client's system takes it for the pace of the connection, and opens its window so little
     * that large files leave much slower.
     */
    private void holdBack(boolean on) {
        if (ctx.channel().config() instanceof EpollSocketChannelConfig config) {
            try {
                config.setTcpCork(on);
            } catch (ChannelException e) {
                LOG.debug("The parts of a response leave one by one", e);
            }
        }
    }

    private void complete() {
        boolean keeps;
        synchronized (queue) {
            keeps = queue.keepsConnection();
            if (!queue.isEndWritten()) {
                durability.ending(queue.taken(), keeps);
            }
            queue.answered();
            handover.cancel();
        }
        connection.answered(keeps);
    }

    private void written(ChannelFuture write) {
        busy = false;
        if (write.isSuccess()) {
            queue.written();
        } else {
            connection.lost(write.cause());
        }
    }

    /** Whether the client is slower than it may be. */
    public boolean late(long now) {
        if (!busy) {
            return false;
        }
        ChannelOutboundBuffer buffer = ctx.channel().unsafe().outboundBuffer();
        long moved = 0;
        if (buffer != null) {
            long batch = queue.batchBytes();
            moved = batch - Math.min(batch, buffer.totalPendingWriteBytes()) + buffer.currentProgress();
        }
        return rate.late(now, moved);
    }

    /** Releases all buffers; the handler's further writes fail or are dropped. */
    public void close() {
        queue.close();
        handover.cancel();
    }
}
