package org.handoff.http.internal.response;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import org.handoff.http.ResponseTail;

/**
 * The unsent bytes of a complete response, as the event loop finds them: pieces in memory, and parts in the spool; or
 * pieces, and then a file. Kept for another thread, until closed.
 */
final class UnsentTail implements AutoCloseable {

    private final long length;
    private final boolean keeps;
    private final List<ByteBuf> pieces = new ArrayList<>();
    /** The distance of each from the first unsent byte. */
    private final List<Long> places = new ArrayList<>();

    private long bytes;
    private ResponseFile file;
    private Spool spool;

    /** @param length of the whole response @param keeps whether the connection is kept after it */
    UnsentTail(long length, boolean keeps) {
        this.length = length;
        this.keeps = keeps;
    }

    /** Adds the message to be written next. */
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

    /** Adds the messages that a channel was given and has not written. */
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

    /** Sets the number of bytes that are in a spool, after those added. */
    void spooled(long count) {
        bytes += count;
    }

    /** The number of bytes, without those of the file. */
    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return bytes == 0 && file == null;
    }

    boolean isFile() {
        return file != null;
    }

    /** Puts the bytes in memory into the spool. @param to retained by the caller */
    void save(Spool to) throws IOException {
        spool = to;
        for (int i = 0; i < pieces.size(); i++) {
            spool.put(pieces.get(i), length - bytes + places.get(i));
        }
    }

    /** The same for its receiver. Valid until this is closed, and only if there is a file or the bytes were saved. */
    ResponseTail tail() throws IOException {
        return file == null
                ? new ResponseTail(spool.descriptor(), 0, 0, spool.capacity(), length, keeps, Unpooled.EMPTY_BUFFER)
                : new ResponseTail(
                        file.descriptor(),
                        file.position(),
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
