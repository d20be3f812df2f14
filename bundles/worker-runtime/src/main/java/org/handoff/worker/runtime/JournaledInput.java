package org.handoff.worker.runtime;

import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.Scoreboard;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;

/**
 * What comes from one client. The kernel writes it straight into the scoreboard's journal, so that it is there whenever
 * it is not in the socket any more: a process killed between the two has lost nothing. From there it is copied for the
 * engine. On the event loop only.
 */
final class JournaledInput extends ChannelInboundHandlerAdapter {

    /** For what the journal has no room for. */
    private static final int OTHERWISE = 32 * 1024;

    private final Scoreboard.Slot slot;
    private final ByteBuf journal;
    /** Read so far, by whoever; {@link Frame#UNKNOWN} where the monitor did not know. */
    private long position;
    /** The position of the journal's first byte; {@link Frame#UNKNOWN} while the journal is not used. */
    private long first = Frame.UNKNOWN;
    private long next;
    private ByteBuf lent;

    /**
     * Begins with what the monitor has read.
     *
     * @param position the frame's
     */
    JournaledInput(Scoreboard.Slot slot, long position, ByteBuf received) {
        this.slot = slot;
        this.position = position;
        this.next = position == Frame.UNKNOWN ? Frame.UNKNOWN : position - received.readableBytes();
        journal = Unpooled.wrappedBuffer(slot.journal());
        if (position != Frame.UNKNOWN && received.readableBytes() <= Scoreboard.JOURNAL_BYTES) {
            journal.setBytes(0, received, received.readerIndex(), received.readableBytes());
            start(next);
        }
        slot.request(next);
    }

    /** Allocates where the channel reads to. */
    RecvByteBufAllocator allocator() {
        return new DefaultMaxMessagesRecvByteBufAllocator() {
            @Override
            @SuppressWarnings("deprecation")
            public Handle newHandle() {
                return new MaxMessageHandle() {
                    @Override
                    public ByteBuf allocate(ByteBufAllocator alloc) {
                        return lend(alloc);
                    }

                    @Override
                    public int guess() {
                        return OTHERWISE;
                    }
                };
            }
        };
    }

    private ByteBuf lend(ByteBufAllocator alloc) {
        long used = position - first;
        if (first == Frame.UNKNOWN || used >= Scoreboard.JOURNAL_BYTES) {
            return alloc.ioBuffer(OTHERWISE);
        }
        lent = journal.retainedSlice((int) used, Scoreboard.JOURNAL_BYTES - (int) used).clear();
        return lent;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf data = (ByteBuf) message;
        int count = data.readableBytes();
        if (position != Frame.UNKNOWN) {
            position += count;
        }
        if (data == lent) {
            ByteBuf copy = context.alloc().ioBuffer(count).writeBytes(data);
            data.release();
            context.fireChannelRead(copy);
        } else {
            context.fireChannelRead(data);
        }
    }

    /** How many of the client's bytes were read so far, by whoever; {@link Frame#UNKNOWN} where nobody knows. */
    long position() {
        return position;
    }

    /** A request is complete. @param ahead how many bytes were read beyond it */
    void complete(int ahead) {
        if (position != Frame.UNKNOWN) {
            next = position - ahead;
            slot.next(next);
        }
    }

    /** The request is answered. Comes before the state says so. */
    void answered() {
        slot.request(next);
    }

    /** Begins the journal anew, if nothing in it is of use any more. */
    void reuse() {
        if (position != Frame.UNKNOWN && position == next) {
            start(next);
        }
    }

    private void start(long at) {
        first = at;
        slot.first(at);
    }

    /** The connection has left. */
    void close() {
        journal.release();
    }
}
