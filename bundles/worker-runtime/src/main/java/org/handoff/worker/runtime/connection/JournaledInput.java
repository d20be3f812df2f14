package org.handoff.worker.runtime.connection;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import org.handoff.http.FileInput;
import org.handoff.http.KeptBody;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.socket.SharedFile;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.Scoreboard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bytes of one client. The kernel writes them straight into the scoreboard's journal, so that each byte is in the
 * socket or in the journal: a process killed between the two has lost nothing. From the journal they are copied for the
 * engine. A full journal is emptied into a file that the monitor has too, and begins anew. On the event loop only.
 *
 * <p>So all of a request that no handler was called for is at hand, and can be given away: first the file's part, then
 * the rest.
 */
final class JournaledInput extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(JournaledInput.class);

    /** The size of a buffer for bytes that cannot be kept. */
    private static final int UNKEPT_BYTES = 32 * 1024;

    /** Tells the monitor of the file. */
    @FunctionalInterface
    interface Teller {

        /**
         * Sends the file's beginning and descriptor.
         *
         * @param start the position of its first byte
         * @param file its descriptor
         * @return whether the frame has left this process; else it still waits
         * @throws IOException if it cannot be told
         */
        boolean tell(long start, int file) throws IOException;
    }

    /** Whether the monitor has the file, if there is one. */
    private enum Sharing {
        /** The monitor has it, or its descriptor has left this process. */
        SHARED,
        /** Its descriptor waits for the control socket. */
        ON_ITS_WAY,
        /** The monitor does not have it, and will not. */
        PRIVATE
    }

    private final Scoreboard.Slot slot;
    private final ByteBuf journal;
    private final SpillFile file;
    private final MemoryBudget memory;
    private final Teller teller;
    /** Whether the monitor knows the connection's positions; else they are counted from 0, and not recorded. */
    private final boolean known;
    /** The number of the client's bytes that all processes together have read. */
    private long position;
    /** The position of the journal's first byte. */
    private long first;
    /** The position of the request that no handler was called for, or will be called for next. */
    private long request;

    private long next;
    /** The bytes that the monitor has read, if the journal has no room for them; they begin at the file's end. */
    private ByteBuf handedOff;
    /** The part of the memory budget that these bytes have taken. */
    private int taken;
    /** Whether all bytes from the request's first one on are here. */
    private boolean kept = true;

    private Sharing sharing = Sharing.SHARED;
    /** The use of the file that came with the connection; null for none. */
    private Closeable reading;

    private ByteBuf lent;

    /**
     * Begins with the bytes that the monitor has read.
     *
     * @param at the frame's position
     * @param file closed here
     * @param memory the budget for bytes without room in the journal; beyond it the file is used
     */
    JournaledInput(
            Scoreboard.Slot slot, long at, ByteBuf received, SpillFile file, MemoryBudget memory, Teller teller) {
        this.slot = slot;
        this.file = file;
        this.memory = memory;
        this.teller = teller;
        int count = received.readableBytes();
        known = at != Frame.UNKNOWN;
        position = known ? at : count;
        next = position - count;
        request = next;
        journal = Unpooled.wrappedBuffer(slot.journal());
        if (count <= Scoreboard.JOURNAL_BYTES) {
            journal.setBytes(0, received, received.readerIndex(), count);
            first = next;
        } else {
            handedOff = received.retainedSlice();
            first = position;
        }
        tellFirst();
        tellRequest();
    }

    /**
     * Begins with a request whose first bytes are in a file.
     *
     * @param earlier closed here
     * @param offset where in the file the request begins
     * @param from the request's position
     * @return the file's part of the request, readable until {@link #close}
     */
    FileInput adopt(SharedFile earlier, long offset, long from) {
        file.adopt(earlier, from - offset, next);
        FileInput part = file.part(from, next);
        reading = file.use();
        request = from;
        next = from;
        tellRequest();
        return part;
    }

    /** Moves bytes without room in memory to the file; before anything is read. */
    void begin() {
        if (handedOff == null) {
            return;
        }
        if (memory.take(handedOff.readableBytes())) {
            taken = handedOff.readableBytes();
        } else {
            overflow();
        }
    }

    /** Keeps no byte from here on: the connection ends, and further bytes are dropped. */
    void discard() {
        kept = false;
        dropHandedOff();
        tellFirst();
    }

    /** Allocates the buffers that the channel reads into. */
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
                        return UNKEPT_BYTES;
                    }
                };
            }
        };
    }

    private ByteBuf lend(ByteBufAllocator alloc) {
        if (kept && (handedOff != null || position - first == Scoreboard.JOURNAL_BYTES)) {
            overflow();
        }
        if (!kept) {
            return alloc.ioBuffer(UNKEPT_BYTES);
        }
        int used = (int) (position - first);
        lent = journal.retainedSlice(used, Scoreboard.JOURNAL_BYTES - used).clear();
        return lent;
    }

    /** Makes room in the journal. */
    private void overflow() {
        try {
            if (file.prepare(request)) {
                share();
            }
            file.append(rest());
            dropHandedOff();
            first = position;
        } catch (IOException e) {
            LOG.warn(
                    "A request larger than the journal cannot be given away, and is lost if this worker dies: there is"
                            + " no file for it. Make room in java.io.tmpdir, or raise the limit of open files",
                    e);
            kept = false;
        }
        tellFirst();
    }

    private void share() {
        sharing = Sharing.PRIVATE;
        if (known) {
            try {
                // If this process dies, the monitor has only the files whose descriptors have left it.
                sharing = teller.tell(file.start(), file.descriptor()) ? Sharing.SHARED : Sharing.ON_ITS_WAY;
            } catch (IOException e) {
                LOG.warn(
                        "Cannot send the monitor the file of a large request: this worker answers the request itself,"
                                + " and it is lost if the worker dies",
                        e);
            }
        }
    }

    /** The monitor did not get the file. */
    void noFile() {
        if (isInFile()) {
            sharing = Sharing.PRIVATE;
            tellFirst();
        }
    }

    /** All frames have left this process. */
    void told() {
        if (sharing == Sharing.ON_ITS_WAY) {
            sharing = Sharing.SHARED;
            tellFirst();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf data = (ByteBuf) message;
        int count = data.readableBytes();
        position += count;
        if (data == lent) {
            ByteBuf copy = context.alloc().ioBuffer(count).writeBytes(data);
            data.release();
            context.fireChannelRead(copy);
        } else {
            context.fireChannelRead(data);
        }
    }

    /**
     * The number of the client's bytes that all processes have read; {@link Frame#UNKNOWN} if the monitor does not
     * know.
     */
    long position() {
        return known ? position : Frame.UNKNOWN;
    }

    /** The position of the request that no handler was called for. */
    long request() {
        return request;
    }

    /** Whether all of the request that no handler was called for is here, and the monitor has the file's part of it. */
    boolean isWhole() {
        return kept && (sharing != Sharing.PRIVATE || !isInFile());
    }

    /** Whether a part of the request is in the file, before {@link #rest}. */
    boolean isInFile() {
        return file.end() > request;
    }

    /** The request's bytes behind those in the file; a view, valid until the next read. */
    ByteBuffer rest() {
        long from = Math.max(request, file.end());
        ByteBuf bytes = handedOff == null ? journal : handedOff;
        long at = handedOff == null ? first : first - handedOff.readableBytes();
        return bytes.nioBuffer(bytes.readerIndex() + (int) (from - at), (int) (position - from));
    }

    /**
     * The body of a complete request.
     *
     * @param length its number of bytes, which are the last ones of the request
     * @param ahead the number of bytes read beyond the request
     */
    KeptBody body(long length, long ahead) throws IOException {
        if (!kept) {
            throw new IOException("the request's bytes were not kept, as there was no file for them");
        }
        long to = position - ahead;
        long from = to - length;
        if (file.end() < to && !memory.take(to - Math.max(from, file.end()))) {
            overflow();
            if (!kept) {
                throw new IOException("there is neither memory nor a file for the request's body");
            }
        }
        long inFile = Math.max(from, Math.min(to, file.end()));
        long behindFile = to - inFile;
        ByteBuf rest = Unpooled.buffer((int) behindFile);
        if (inFile < to) {
            ByteBuffer behind = rest();
            int skipped = (int) (inFile - Math.max(request, file.end()));
            rest.writeBytes(behind.slice(behind.position() + skipped, (int) (to - inFile)));
        }
        Closeable use = from == inFile ? () -> {} : file.use();
        return new KeptBody(from == inFile ? null : file.part(from, inFile), rest, () -> {
            memory.give(behindFile);
            use.close();
        });
    }

    /** A request is complete. @param ahead the number of bytes read beyond it */
    void complete(long ahead) {
        next = position - ahead;
        if (known) {
            slot.next(next);
        }
    }

    /** The request is answered. Called before the slot's state says so. */
    void answered() {
        request = next;
        tellRequest();
    }

    /** Begins anew, if no byte was read beyond the last answered request. */
    void reuse() {
        if (position != next) {
            return;
        }
        dropHandedOff();
        first = next;
        kept = true;
        if (sharing == Sharing.ON_ITS_WAY) {
            sharing = Sharing.SHARED;
        }
        tellFirst();
        try {
            file.clear();
        } catch (IOException e) {
            LOG.warn("Cannot truncate a file of answered requests", e);
        }
    }

    private void tellFirst() {
        slot.first(known && isWhole() && sharing != Sharing.ON_ITS_WAY ? first : Frame.UNKNOWN);
    }

    private void tellRequest() {
        slot.request(known ? request : Frame.UNKNOWN);
    }

    private void dropHandedOff() {
        if (handedOff != null) {
            handedOff.release();
            handedOff = null;
            memory.give(taken);
            taken = 0;
        }
    }

    /** The connection has left. */
    void close() {
        journal.release();
        dropHandedOff();
        try {
            if (reading != null) {
                reading.close();
            }
            file.close();
        } catch (IOException e) {
            LOG.warn("Cannot close a file of requests", e);
        }
    }
}
