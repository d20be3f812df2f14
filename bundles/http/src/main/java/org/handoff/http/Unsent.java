package org.handoff.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client has not taken of a response that is complete, as the event loop finds it: pieces in memory, and behind
 * them a file or what was spooled already. Keeps all of it for another thread, until it is closed.
 */
final class Unsent implements AutoCloseable {

    private final long length;
    private final boolean keeps;
    private final List<ByteBuf> pieces = new ArrayList<>();
    private int inMemory;
    private long spooled;
    private ResponseFile file;
    private Spool spool;

    /**
     * @param length of the whole response
     * @param keeps whether the connection is kept behind it
     */
    Unsent(long length, boolean keeps) {
        this.length = length;
        this.keeps = keeps;
    }

    /** Adds what comes next to be written. */
    void add(Object message) {
        if (message instanceof ByteBuf data) {
            pieces.add(data.retainedDuplicate());
            inMemory += data.readableBytes();
        } else if (message instanceof ResponseFile last) {
            file = last;
            file.retain();
        }
    }

    /** Says how much is in a spool behind what was added. */
    void spooled(long bytes) {
        spooled = bytes;
    }

    boolean isEmpty() {
        return inMemory == 0 && spooled == 0 && file == null;
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
        long offset = length - spooled - inMemory;
        for (ByteBuf piece : pieces) {
            spool.put(piece, offset);
            offset += piece.readableBytes();
        }
    }

    /** The same for who is to make use of it. As long as this is not closed, and there is a file or it was saved. */
    ResponseRest rest() throws IOException {
        return file == null
                ? new ResponseRest(spool.descriptor(), 0, spool.capacity(), length, keeps, Unpooled.EMPTY_BUFFER)
                : new ResponseRest(file.descriptor(), length - file.count(), ResponseRest.NO_RING, length, keeps,
                        Unpooled.wrappedBuffer(pieces.stream().map(ByteBuf::duplicate).toArray(ByteBuf[]::new)));
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
