package org.handoff.http.internal.connection;

import java.io.IOException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import org.handoff.http.Durability;
import org.handoff.http.internal.request.ReplayBuffer;
import org.handoff.http.internal.request.RequestReader;
import org.handoff.http.internal.request.RequestReader.Progress;
import org.handoff.http.internal.request.SpillInput;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MinimumRate;
import org.handoff.http.routing.MalformedRequestException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What has come of a connection's requests and was not answered: the received bytes, what was taken of them for the
 * present request, and how long its client takes for that. On the event loop only.
 */
final class RequestIntake {

    /** What is to be given away with a connection. */
    record Unread(ByteBuf bytes, long inFile) {}

    private static final Logger LOG = LoggerFactory.getLogger(RequestIntake.class);

    /** What may wait unread while a request is answered: enough for a few pipelined ones. */
    private static final int READ_AHEAD = 16 * 1024;

    private final HttpLimits limits;
    private final RequestReader reader;
    private final MinimumRate rate = new MinimumRate();
    private final Durability durability;
    /** Null where the owner keeps requests. */
    private final ReplayBuffer replay;
    /** What is read before the socket, or null. */
    private final SpillInput spilled;

    /** Null for none. */
    private ByteBuf received;
    /** What came was thrown away, so that no request can follow the present one. */
    private boolean closed;
    /** What the head costs of the request that is answered next, in bytes of memory. */
    private long headBytes;

    /** @param received what is at hand already, or null */
    RequestIntake(
            ServedConnections engine,
            HttpLimits limits,
            ByteBufAllocator alloc,
            SpillInput spilled,
            ByteBuf received,
            Durability durability) {
        this.limits = limits;
        this.spilled = spilled;
        this.received = received;
        this.durability = durability;
        replay = durability.keepsRequests() ? null : new ReplayBuffer();
        reader = new RequestReader(limits, engine.memory(), replay == null, engine::currentRouter, alloc);
    }

    boolean hasSpilled() {
        return spilled != null;
    }

    void add(ByteBufAllocator alloc, ByteBuf data) {
        if (received == null) {
            received = data;
        } else {
            if (received.refCnt() == 1 && !received.isReadOnly()) {
                received.discardSomeReadBytes();
            }
            received = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(alloc, received, data);
        }
    }

    /** Whether nothing was received that waits. */
    boolean isEmpty() {
        return received == null;
    }

    /** Whether so much was received that nothing more should be before the present request is answered. */
    boolean isFull() {
        return received != null && received.readableBytes() > READ_AHEAD;
    }

    /** Throws away what was received, and lets no other request follow. */
    void close() {
        closed = true;
        forget();
    }

    boolean isClosed() {
        return closed;
    }

    private void forget() {
        ReferenceCountUtil.release(received);
        received = null;
    }

    /**
     * Reads on.
     *
     * @param idle whether nothing of a request was there before
     */
    Progress read(boolean idle) throws MalformedRequestException, IOException {
        if (received == null) {
            return Progress.NONE;
        }
        if (idle && received.isReadable()) {
            rate.start(limits.headerTime());
        }
        int start = received.readerIndex();
        Progress progress = reader.read(received);
        if (replay != null && !reader.between()) {
            replay.add(received, start, received.readerIndex() - start);
        }
        if (!received.isReadable()) {
            forget();
        }
        return progress;
    }

    /** The body of the present request is awaited from now on. */
    void awaitBody() {
        rate.start(limits.bodyTime());
    }

    /** Takes the complete request out of here: its reader says the rest of it before. */
    RequestReader complete() {
        headBytes = reader.headBytes();
        return reader;
    }

    boolean takeContinue() {
        return reader.takeContinue();
    }

    /** Whether the request that is being read is a HEAD request, also where it was refused. */
    boolean isHead() {
        return reader.isHead();
    }

    /** The handler has what it needs of the request's head. */
    void freeHead() {
        headBytes = 0;
    }

    /** The present request was answered. */
    void answered() {
        headBytes = 0;
        if (replay != null) {
            replay.clear();
        }
    }

    /**
     * Whether the request that has come, all or in part, can be given away.
     *
     * @param taken whether it was given to an exchange
     */
    boolean isWhole(boolean taken) {
        return !taken && reader.between() || (replay == null ? durability.isWhole() : replay.isWhole());
    }

    /** How many bytes were read beyond the current request, or are in the file still. */
    long readAhead() {
        return (received == null ? 0 : received.readableBytes()) + (spilled == null ? 0 : spilled.remaining());
    }

    /** What the requests here take in memory. */
    long memory() {
        return (received == null ? 0 : received.capacity()) + Math.max(headBytes, reader.headBytes());
    }

    /** Whether the client is too slow with its request. */
    boolean isLate(long now) {
        return rate.late(now, reader.between() ? received.readableBytes() : reader.bodyBytes());
    }

    /**
     * Takes all that can be given away.
     *
     * @param taken whether the present request was given to an exchange
     */
    Unread takeUnread(boolean taken) {
        ByteBuf unread = received == null ? Unpooled.EMPTY_BUFFER : received;
        received = null;
        if (replay != null && (taken || !reader.between())) {
            unread = replay.before(unread);
        }
        if (spilled == null || spilled.isDone()) {
            return new Unread(unread, 0);
        }
        // As long as not all of the file was brought, nothing else was.
        long inFile = unread.readableBytes() + spilled.inFile();
        unread.release();
        return new Unread(spilled.takeBehind(), inFile);
    }

    /** The handler that brings what is in the file, or null where it has brought all. */
    SpillInput spilling() {
        return spilled == null || spilled.isDone() ? null : spilled;
    }

    /** Forgets what has come. */
    void drop() {
        forget();
        headBytes = 0;
        try {
            reader.drop();
        } catch (IOException e) {
            LOG.warn("A request's body could not be closed", e);
        }
    }

    /** Gives everything back. */
    void release() {
        drop();
        reader.close();
    }
}
