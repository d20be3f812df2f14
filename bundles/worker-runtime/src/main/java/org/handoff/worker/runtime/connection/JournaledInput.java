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
 * What comes from one client. The kernel writes it straight into the scoreboard's journal, so that it is there whenever
 * it is not in the socket any more: a process killed between the two has lost nothing. From there it is copied for the
 * engine. When the journal is full, what it holds goes to a file that the monitor has too, and the journal begins anew.
 * On the event loop only.
 *
 * <p>So all of a request that no handler was called for is at hand, and can be given away: first what is in the file,
 * then the rest.
 */
final class JournaledInput extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(JournaledInput.class);

    /** For what cannot be kept. */
    private static final int OTHERWISE = 32 * 1024;

    /** Tells the monitor of the file. */
    @FunctionalInterface
    interface Teller {

        /**
         * Says where the file begins.
         *
         * @param start the position of its first byte
         * @param file its descriptor
         * @return whether that has left this process; else it still waits
         * @throws IOException if it cannot be told
         */
        boolean tell(long start, int file) throws IOException;
    }

    private final Scoreboard.Slot slot;
    private final ByteBuf journal;
    private final SpillFile file;
    private final MemoryBudget memory;
    private final Teller teller;
    /** Whether the monitor knows the connection's positions; else they are counted from 0, and told to nobody. */
    private final boolean known;
    /** Read so far, by whoever. */
    private long position;
    /** The position of the journal's first byte. */
    private long first;
    /** Where the request begins that no handler was called for, or will begin. */
    private long request;

    private long next;
    /** What the monitor has read, where the journal has no room for it; it begins where the file ends. */
    private ByteBuf handedOff;
    /** What that has taken of the memory. */
    private int taken;
    /** Whether all from the request's first byte on is here. */
    private boolean kept = true;
    /** Whether the monitor has the file, or will when it gets what waits for it. */
    private boolean shared = true;
    /** Whether the monitor may not know yet where the file begins. */
    private boolean untold;
    /** The use of the file that came with the connection; null where none did. */
    private Closeable reading;

    private ByteBuf lent;

    /**
     * Begins with what the monitor has read.
     *
     * @param at the frame's position
     * @param file closed here
     * @param memory where that has no room, the file is used
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
     * @return the file's part of the request, to be read as long as this is not closed
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

    /** Leaves to the file what has no room in memory; before anything is read. */
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

    /** Keeps nothing from here on: the connection ends, and what comes is thrown away. */
    void discard() {
        kept = false;
        dropHandedOff();
        tellFirst();
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
        if (kept && (handedOff != null || position - first == Scoreboard.JOURNAL_BYTES)) {
            overflow();
        }
        if (!kept) {
            return alloc.ioBuffer(OTHERWISE);
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
            LOG.warn("A request can neither be given away nor outlive this process: there is no file for it", e);
            kept = false;
        }
        tellFirst();
    }

    private void share() {
        shared = false;
        if (known) {
            try {
                // Only what has been told can be relied on when this process dies.
                untold |= !teller.tell(file.start(), file.descriptor());
                shared = true;
            } catch (IOException e) {
                LOG.warn("A request can neither be given away nor outlive this process: its file cannot be told", e);
            }
        }
    }

    /** The monitor has not got the file: what is there is nowhere else. */
    void noFile() {
        if (isInFile()) {
            shared = false;
            tellFirst();
        }
    }

    /** The monitor has got all that it was told. */
    void told() {
        if (untold) {
            untold = false;
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

    /** How many of the client's bytes were read so far, by whoever; {@link Frame#UNKNOWN} where nobody knows. */
    long position() {
        return known ? position : Frame.UNKNOWN;
    }

    /** The position of the request that no handler was called for. */
    long request() {
        return request;
    }

    /** Whether all of the request that no handler was called for is here, and the monitor has what is in the file. */
    boolean isWhole() {
        return kept && (shared || !isInFile());
    }

    /** Whether a part of the request is in the file, before {@link #rest}. */
    boolean isInFile() {
        return file.end() > request;
    }

    /** The request's bytes behind those in the file; a view, valid until the next one is read. */
    ByteBuffer rest() {
        long from = Math.max(request, file.end());
        ByteBuf bytes = handedOff == null ? journal : handedOff;
        long at = handedOff == null ? first : first - handedOff.readableBytes();
        return bytes.nioBuffer(bytes.readerIndex() + (int) (from - at), (int) (position - from));
    }

    /**
     * The body of a complete request.
     *
     * @param length how many bytes it has, which are the last ones of the request
     * @param ahead how many bytes are here that come behind it
     */
    KeptBody body(long length, long ahead) throws IOException {
        if (!kept) {
            throw new IOException("there was no file for it");
        }
        long to = position - ahead;
        long from = to - length;
        if (file.end() < to && !memory.take(to - Math.max(from, file.end()))) {
            overflow();
            if (!kept) {
                throw new IOException("there is neither memory nor a file for it");
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

    /** A request is complete. @param ahead how many bytes are here that come behind it */
    void complete(long ahead) {
        next = position - ahead;
        if (known) {
            slot.next(next);
        }
    }

    /** The request is answered. Comes before the state says so. */
    void answered() {
        request = next;
        tellRequest();
    }

    /** Begins anew, if nothing that is here is of use any more. */
    void reuse() {
        if (position != next) {
            return;
        }
        dropHandedOff();
        first = next;
        kept = true;
        untold = false;
        tellFirst();
        try {
            file.clear();
        } catch (IOException e) {
            LOG.warn("A file of requests that are answered cannot be cut", e);
        }
    }

    private void tellFirst() {
        slot.first(known && isWhole() && !untold ? first : Frame.UNKNOWN);
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
            LOG.warn("A file of requests cannot be closed", e);
        }
    }
}
