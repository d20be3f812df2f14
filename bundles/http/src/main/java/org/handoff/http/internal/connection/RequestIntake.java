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
 * The received bytes of a connection that were not answered yet, the part of them that the present request has used,
 * and the client's time for that request. On the event loop only.
 */
final class RequestIntake {

    /** The bytes to give away with a connection. */
    record Unread(ByteBuf bytes, long inFile) {}

    private static final Logger LOG = LoggerFactory.getLogger(RequestIntake.class);

    /** The number of bytes that may wait unread while a request is answered: enough for a few pipelined ones. */
    private static final int READ_AHEAD = 16 * 1024;

    private final HttpLimits limits;
    private final RequestReader reader;
    private final MinimumRate rate = new MinimumRate();
    private final Durability durability;
    /** Null if the owner keeps requests. */
    private final ReplayBuffer replay;
    /** The input that is read before the socket, or null. */
    private final SpillInput spilled;

    /** Null for none. */
    private ByteBuf received;
    /** Whether received bytes were dropped, so that no request can follow the present one. */
    private boolean closed;
    /**
     * Whether the client sends nothing behind the request that was completed last, as it has said. Behind a body some
     * clients send a line break nevertheless (RFC 9112, section 2.2).
     */
    private boolean last;
    /** The memory that the head of the next answered request uses, in bytes. */
    private long headBytes;

    /** @param received the bytes at hand, or null */
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

    /** Whether no received byte waits. */
    boolean isEmpty() {
        return received == null;
    }

    /** Whether the client has announced that the present request is its last one, and nothing was read behind it. */
    boolean isAtEnd() {
        return last && !closed && readAhead() == 0;
    }

    /** Whether enough was received to stop reading until the present request is answered. */
    boolean isFull() {
        return received != null && received.readableBytes() > READ_AHEAD;
    }

    /** Drops received bytes, and lets no other request follow. */
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

    /** Reads on. @param idle whether no byte of a request was here before */
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

    /** Waits for the body of the present request from now on. */
    void awaitBody() {
        rate.start(limits.bodyTime());
    }

    /** Takes the complete request out of here; to be called before the rest of it is read from its reader. */
    RequestReader complete() {
        headBytes = reader.headBytes();
        last = !reader.head().keepAlive() && reader.bodyBytes() == 0;
        return reader;
    }

    boolean takeContinue() {
        return reader.takeContinue();
    }

    /** Whether the request that is being read is a HEAD request, also if it was refused. */
    boolean isHead() {
        return reader.isHead();
    }

    /** The handler does not need the request's head any more. */
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
     * Whether the request, complete or not, can be given away with all its bytes.
     *
     * @param taken whether it was given to an exchange
     */
    boolean isWhole(boolean taken) {
        return !taken && reader.between() || (replay == null ? durability.isWhole() : replay.isWhole());
    }

    /** The number of bytes read beyond the current request or still in the file. */
    long readAhead() {
        return (received == null ? 0 : received.readableBytes()) + (spilled == null ? 0 : spilled.remaining());
    }

    /** The memory that the requests here use. */
    long memory() {
        return (received == null ? 0 : received.capacity()) + Math.max(headBytes, reader.headBytes());
    }

    /** Whether the client is too slow with its request. */
    boolean isLate(long now) {
        return rate.late(now, reader.between() ? received.readableBytes() : reader.bodyBytes());
    }

    /** Takes all bytes that can be given away. @param taken whether the present request was given to an exchange */
    Unread takeUnread(boolean taken) {
        ByteBuf unread = received == null ? Unpooled.EMPTY_BUFFER : received;
        received = null;
        if (replay != null && (taken || !reader.between())) {
            unread = replay.before(unread);
        }
        if (spilled == null || spilled.isDone()) {
            return new Unread(unread, 0);
        }
        // Before the file's last byte was read, no other byte was.
        long inFile = unread.readableBytes() + spilled.inFile();
        unread.release();
        return new Unread(spilled.takeBehind(), inFile);
    }

    /** The handler that reads the file, or null if it has read all of it. */
    SpillInput spilling() {
        return spilled == null || spilled.isDone() ? null : spilled;
    }

    /** Drops received bytes. */
    void drop() {
        forget();
        headBytes = 0;
        try {
            reader.drop();
        } catch (IOException e) {
            LOG.warn("Cannot close the body of a request", e);
        }
    }

    /** Releases all buffers. */
    void release() {
        drop();
        reader.close();
    }
}
