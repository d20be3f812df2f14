package org.handoff.http.internal.response;

import java.io.IOException;
import java.nio.channels.WritableByteChannel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.FileRegion;
import io.netty.util.AbstractReferenceCounted;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A part of a {@link Spool} that is being written: read each time when the client takes bytes, so that it uses no
 * memory in between. It is copied then: {@code sendfile} would give the socket the file's own pages, and the ring
 * overwrites them while they wait there.
 */
final class SpooledPart extends AbstractReferenceCounted implements FileRegion {

    private static final Logger LOG = LoggerFactory.getLogger(SpooledPart.class);

    private final Spool spool;
    private final ByteBufAllocator alloc;
    private final long offset;
    private final int count;
    private final Runnable unreadable;
    private int transferred;

    /**
     * @param spool retained until this is released
     * @param unreadable run if it cannot be read, before the channel is told and ends in order
     */
    SpooledPart(Spool spool, ByteBufAllocator alloc, long offset, int count, Runnable unreadable) {
        this.spool = spool;
        this.alloc = alloc;
        this.offset = offset;
        this.count = count;
        this.unreadable = unreadable;
        spool.retain();
    }

    @Override
    public long transferTo(WritableByteChannel target, long position) throws IOException {
        ByteBuf piece = read(position);
        try {
            int taken = target.write(piece.nioBuffer());
            transferred += Math.max(0, taken);
            return taken;
        } finally {
            piece.release();
        }
    }

    private ByteBuf read(long position) throws IOException {
        try {
            return spool.piece(alloc, offset + position, (int) (count - position));
        } catch (IOException e) {
            LOG.error("A response is cut, as its spool cannot be read", e);
            unreadable.run();
            throw e;
        }
    }

    @Override
    public long position() {
        return offset;
    }

    @Override
    public long transferred() {
        return transferred;
    }

    @Override
    @Deprecated
    public long transfered() {
        return transferred;
    }

    @Override
    public long count() {
        return count;
    }

    /** The number of bytes that are not with the kernel. */
    long left() {
        return count - transferred;
    }

    @Override
    public FileRegion retain() {
        super.retain();
        return this;
    }

    @Override
    public FileRegion retain(int increment) {
        super.retain(increment);
        return this;
    }

    @Override
    public FileRegion touch() {
        return this;
    }

    @Override
    public FileRegion touch(Object hint) {
        return this;
    }

    @Override
    protected void deallocate() {
        spool.release();
    }
}
