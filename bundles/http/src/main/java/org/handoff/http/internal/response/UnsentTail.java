package org.handoff.http.internal.response;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import org.handoff.http.ResponseTail;

/**
 * What a client has not taken of a response that is complete, as the event loop finds it: pieces in memory, and parts
 * that were spooled already; or pieces, and behind them a file. Keeps all of it for another thread, until it is closed.
 */
final class UnsentTail implements AutoCloseable {

    private final long length;
    private final boolean keeps;
    private final List<ByteBuf> pieces = new ArrayList<>();
    /** How far behind the first unsent byte each of them begins. */
    private final List<Long> places = new ArrayList<>();

    private long bytes;
    private ResponseFile file;
    private Spool spool;

    /**
     * @param length of the whole response
     * @param keeps whether the connection is kept behind it
     */
    UnsentTail(long length, boolean keeps) {
        this.length = length;
        this.keeps = keeps;
    }

    /** Adds what comes next to be written. */
    void add(Object message) {
        if (message instanceof ByteBuf data) {
            pieces.add(data.retainedDuplicate());
            places.add(bytes);
            bytes += data.readableBytes();
        } else if (message instanceof SpooledPart part) {
            bytes += part.left();
        } else if (message instanceof ResponseFile last) {
            file = last;
            file.retain();
        }
    }

    /** Adds what a channel was given and has not written. */
    void addFlushed(ChannelOutboundBuffer flushed) {
        try {
            flushed.forEachFlushedMessage(message -> {
                add(message);
                return true;
            });
        } catch (Exception e) {
            throw new IllegalStateException("Looking at what waits to be written throws nothing", e);
        }
    }

    /** Says how much is in a spool behind what was added. */
    void spooled(long count) {
        bytes += count;
    }

    /** How many bytes there are, without the file's. */
    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return bytes == 0 && file == null;
    }

    boolean isFile() {
        return file != null;
    }

    /**
     * Puts what is in memory into the spool.
     *
     * @param to retained by the caller
     */
    void save(Spool to) throws IOException {
        spool = to;
        for (int i = 0; i < pieces.size(); i++) {
            spool.put(pieces.get(i), length - bytes + places.get(i));
        }
    }

    /** The same for who is to make use of it. As long as this is not closed, and there is a file or it was saved. */
    ResponseTail tail() throws IOException {
        return file == null
                ? new ResponseTail(spool.descriptor(), 0, spool.capacity(), length, keeps, Unpooled.EMPTY_BUFFER)
                : new ResponseTail(
                        file.descriptor(),
                        length - file.count(),
                        ResponseTail.NO_RING,
                        length,
                        keeps,
                        Unpooled.wrappedBuffer(
                                pieces.stream().map(ByteBuf::duplicate).toArray(ByteBuf[]::new)));
    }

    @Override
    public void close() {
        pieces.forEach(ByteBuf::release);
        if (file != null) {
            file.release();
        }
        if (spool != null) {
            spool.release();
        }
    }
}
