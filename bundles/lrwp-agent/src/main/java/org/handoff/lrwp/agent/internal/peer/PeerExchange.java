package org.handoff.lrwp.agent.internal.peer;

import java.io.IOException;
import java.nio.ByteBuffer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollSocketChannelConfig;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.lrwp.protocol.CgiHead;
import org.handoff.lrwp.protocol.MalformedHeadException;
import org.handoff.lrwp.protocol.ProtocolException;
import org.handoff.lrwp.protocol.ResponseDecoder;
import org.handoff.lrwp.protocol.Size;
import org.handoff.lrwp.protocol.Words;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on a peer's connection, and the peer's response. Ends in {@link Peer#answered}, or with the connection. On
 * the agent's loop only.
 */
public final class PeerExchange implements ResponseDecoder.Receiver {

    private static final Logger LOG = LoggerFactory.getLogger(PeerExchange.class);

    private static final int PIECE = 64 * 1024;

    private enum Cancel {
        NO,
        WANTED,
        TOLD
    }

    private final Peer peer;
    private final Channel channel;
    private final ExchangeRequest request;
    private final long length;
    private final ResponseDecoder decoder = new ResponseDecoder();
    private final MemoryBudget memory;
    /** What has come of the response and was not used. */
    private ByteBuf in;
    /** Where that began when it was decoded. */
    private int start;
    /** What is counted of it. */
    private int counted;
    /** How much of the body was written. */
    private long offset;
    /** The whole request is with the system. */
    private boolean sent;
    /** The whole response is here. */
    private boolean received;
    /** The client cannot take more. */
    private boolean paused;

    private boolean inputEnded;
    /** The peer is to be told that nobody waits for its answer. */
    private Cancel cancel = Cancel.NO;

    private boolean over;
    /** The peer has done something since the last look at the clock. */
    private boolean moved = true;

    private long deadline;

    PeerExchange(Peer peer, Channel channel, ExchangeRequest request) {
        this.peer = peer;
        this.channel = channel;
        this.request = request;
        this.length = request.request().length();
        this.memory = peer.memory();
    }

    public Peer peer() {
        return peer;
    }

    // ---- the request

    /** Sends the request, in one piece where it is small. */
    void begin() {
        request.takenBy(this);
        byte[] environment = request.environment();
        int first = (int) Math.min(length, PIECE);
        ByteBuf head = peer.output(2 * Size.DIGITS + environment.length + first);
        head.writeBytes(Size.of(environment.length)).writeBytes(environment).writeBytes(Size.of(length));
        if (first > 0) {
            ByteBuf piece = read(first);
            if (piece == null) {
                head.release();
                return;
            }
            head.writeBytes(piece);
            piece.release();
        }
        write(head);
        send();
    }

    /** Writes as much of the body as the connection takes. */
    private void send() {
        while (offset < length && channel.isWritable()) {
            ByteBuf piece = read(PIECE);
            if (piece == null) {
                return;
            }
            write(piece);
        }
        if (cancel == Cancel.WANTED && offset == length) {
            // Behind the body, never within.
            cancel = Cancel.TOLD;
            channel.write(Unpooled.wrappedBuffer(new byte[] {Words.CANCEL}));
        }
        channel.flush();
    }

    private ByteBuf read(int most) {
        try {
            ByteBuf piece = request.request().read(channel.alloc(), offset, most);
            offset += piece.readableBytes();
            return piece;
        } catch (IOException e) {
            LOG.error("A request for {} cannot be read again", peer.served(), e);
            fail(500);
            return null;
        }
    }

    private void write(ByteBuf piece) {
        boolean last = offset == length;
        channel.write(piece).addListener(future -> {
            if (!future.isSuccess()) {
                peer.failed(future.cause());
            } else if (!over) {
                moved = true;
                if (last) {
                    sent = true;
                    endIfComplete();
                }
            }
        });
    }

    /** There is room for more of the request. */
    void writable() {
        if (!sent) {
            send();
        }
    }

    // ---- the response

    /** Takes over what has come. */
    void received(ByteBuf data) {
        in = in == null ? data : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(channel.alloc(), in, data);
        // Up to there it has one time for all, or a byte now and then would hold the client for ever.
        moved |= decoder.isAfterHead();
        // Before a slow client's share is looked at, which this is of.
        count();
        receive();
        if (!received && !over && channel.config() instanceof EpollSocketChannelConfig config) {
            // Peers that send the length and the document in two goes, as Xitami's do, hold back the second until the
            // first is acknowledged (RFC 896), which the kernel would put off for 40 ms (RFC 1122, 4.2.3.2).
            config.setTcpQuickAck(true);
        }
    }

    private void receive() {
        try {
            if (in != null) {
                decode();
            }
            if (received && in.isReadable()) {
                throw new ProtocolException("it sends more than its response");
            }
            if (in != null && !in.isReadable()) {
                freeInput();
            }
            count();
            if (received) {
                endIfComplete();
            } else if (!decoder.isAfterHead() && memory.isExceeded()) {
                peer.crowdedOut();
                fail(503);
            }
        } catch (ProtocolException e) {
            LOG.warn("Peer {} of {} is closed: {}", peer, peer.served(), e.getMessage());
            fail(502);
        }
    }

    private void decode() throws ProtocolException {
        start = in.readerIndex();
        ByteBuffer bytes = in.nioBuffer();
        int before = -1;
        while (!paused && !received && bytes.hasRemaining() && bytes.position() > before) {
            before = bytes.position();
            received = decoder.read(bytes, this);
        }
        in.readerIndex(start + bytes.position());
    }

    @Override
    public void head(CgiHead head, long documentLength) {
        request.head(head, documentLength);
    }

    @Override
    public void unusable(MalformedHeadException reason) {
        request.unusable(reason);
    }

    @Override
    public void document(int position, int count) {
        request.document(in.retainedSlice(start + position, count));
    }

    @Override
    public void end() {
        request.end();
    }

    @Override
    public void brokenOff() {
        request.brokenOff();
    }

    /**
     * Counts what waits here. An unfinished header makes room by itself where all peers and clients together keep too
     * much; of a document some waits here only as long as some waits for the client too, whose connection makes room.
     */
    private void count() {
        int before = counted;
        counted = over ? 0 : (in == null ? 0 : in.capacity()) + decoder.collected();
        memory.charge(counted - before);
    }

    /** The client cannot take more: the peer has to wait. */
    public void pause() {
        paused = true;
        channel.config().setAutoRead(false);
    }

    /** There is room for more. */
    public void resume() {
        if (!paused || over) {
            return;
        }
        paused = false;
        moved = true;
        channel.config().setAutoRead(true);
        receive();
        if (inputEnded && !paused && !over) {
            peer.close();
        }
    }

    /** Nobody waits for the answer any more: a peer that can be told so is, and may end it. */
    public void cancel() {
        if (peer.startup().cancels() && !received && !over && cancel == Cancel.NO) {
            cancel = Cancel.WANTED;
            send();
        }
    }

    /** Looks whether its client has left without a word. */
    void sweep(long now) {
        if (request.isLeft(now)) {
            cancel();
        }
    }

    // ---- the end

    private void endIfComplete() {
        if (!sent || !received || over) {
            return;
        }
        over = true;
        count();
        request.done();
        if (inputEnded) {
            peer.close();
            return;
        }
        if (paused) {
            // What the client has not taken waits elsewhere: the peer has said it all.
            channel.config().setAutoRead(true);
        }
        peer.answered();
    }

    /** Whether the peer's time is up, which begins anew with everything that it does. */
    boolean isLate(long now, long allowed) {
        if (moved || paused && !received) {
            moved = false;
            deadline = now + allowed;
        }
        return now - deadline >= 0;
    }

    /** The peer is not going to answer in time; the caller ends its connection. */
    void timedOut() {
        over = true;
        request.timedOut();
    }

    private void fail(int status) {
        over = true;
        request.peerFailed(status);
        peer.close();
    }

    /**
     * The peer says no more.
     *
     * @return whether all that it said is here and waits for a slow client: the connection's end waits too
     */
    boolean isWaitingAtTheEnd() {
        inputEnded = paused;
        return paused;
    }

    /**
     * The peer's connection has ended.
     *
     * @param unread whether the peer had not read its whole request
     */
    void lost(boolean unread) {
        freeInput();
        boolean early = !over;
        over = true;
        count();
        if (early) {
            request.peerLost(unread);
        }
    }

    private void freeInput() {
        ReferenceCountUtil.release(in);
        in = null;
    }
}
