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
 * One request on a peer's connection, and the peer's response. Ends in {@link Peer#answered}, or with the connection.
 * On the agent's loop only.
 */
public final class PeerExchange implements ResponseDecoder.Receiver {

    private static final Logger LOG = LoggerFactory.getLogger(PeerExchange.class);

    private static final int PIECE = 64 * 1024;

    /** Whether the peer is to be told that the client has left. */
    private enum Cancel {
        NO,
        WANTED,
        TOLD
    }

    /** The reading of the peer's bytes. */
    private enum Input {
        FLOWING,
        /** The client cannot take more, so the peer has to wait. */
        PAUSED,
        /** As PAUSED, and the peer has closed its end behind the bytes that wait. */
        ENDED_PAUSED,
        /** The peer has closed its end, and its last bytes go to the client. */
        ENDED;

        boolean isPaused() {
            return this == PAUSED || this == ENDED_PAUSED;
        }

        boolean hasEnded() {
            return this == ENDED_PAUSED || this == ENDED;
        }
    }

    private final Peer peer;
    private final Channel channel;
    private final ExchangeRequest request;
    private final long length;
    private final ResponseDecoder decoder = new ResponseDecoder();
    private final MemoryBudget memory;
    /** The bytes of the response that were received and not used. */
    private ByteBuf in;
    /** The reader index of {@link #in} when decoding began. */
    private int start;
    /** The bytes of {@link #in} and of the decoder that are charged to the memory. */
    private int counted;
    /** The number of the body's bytes written. */
    private long offset;

    private ExchangePhase phase = ExchangePhase.BEGUN;
    private Input input = Input.FLOWING;
    private Cancel cancel = Cancel.NO;
    /** Whether the exchange has progressed since the last look at the clock. */
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
            // After the body, never within it.
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
            LOG.error("Cannot read the body of a request for {}: the request is answered 500", peer.served(), e);
            fail(500);
            return null;
        }
    }

    private void write(ByteBuf piece) {
        boolean last = offset == length;
        channel.write(piece).addListener(future -> {
            if (!future.isSuccess()) {
                peer.failed(future.cause());
            } else if (phase != ExchangePhase.OVER) {
                moved = true;
                if (last) {
                    phase = phase.sent();
                    endIfComplete();
                }
            }
        });
    }

    /** The connection takes more of the request. */
    void writable() {
        if (phase.isSending()) {
            send();
        }
    }

    // ---- the response

    /** Takes over received bytes. */
    void received(ByteBuf data) {
        in = in == null ? data : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(channel.alloc(), in, data);
        // A head has one limit in all: with a new limit after each byte, a slow peer could hold the client for ever.
        moved |= decoder.isAfterHead();
        // Before receive() looks at the memory: these bytes are part of it.
        count();
        receive();
        if (phase.isReceiving() && channel.config() instanceof EpollSocketChannelConfig config) {
            // Peers that send the length and the document in two parts, as Xitami's do, hold back the second until the
            // first is acknowledged (RFC 896), which the kernel would delay for 40 ms (RFC 1122, 4.2.3.2).
            config.setTcpQuickAck(true);
        }
    }

    private void receive() {
        try {
            boolean ends = in != null && decode();
            if ((ends || phase == ExchangePhase.RECEIVED) && in != null && in.isReadable()) {
                throw new ProtocolException("it sends more than its response");
            }
            if (in != null && !in.isReadable()) {
                freeInput();
            }
            count();
            if (ends) {
                phase = phase.received();
                endIfComplete();
            } else if (phase.isReceiving() && !decoder.isAfterHead() && memory.isExceeded()) {
                peer.crowdedOut();
                fail(503);
            }
        } catch (ProtocolException e) {
            LOG.warn("Peer {} of {} is closed: {}", peer, peer.served(), e.getMessage());
            fail(502);
        }
    }

    /** @return whether the response is complete */
    private boolean decode() throws ProtocolException {
        start = in.readerIndex();
        ByteBuffer bytes = in.nioBuffer();
        int before = -1;
        boolean ends = false;
        while (phase.isReceiving() && !input.isPaused() && !ends && bytes.hasRemaining() && bytes.position() > before) {
            before = bytes.position();
            ends = decoder.read(bytes, this);
        }
        in.readerIndex(start + bytes.position());
        return ends;
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
     * Charges the bytes that wait here to the memory. If all peers and clients together keep too much, an exchange with
     * an incomplete header is ended; a document's bytes wait here only while others wait for the client, and the
     * client's connection makes room.
     */
    private void count() {
        int before = counted;
        counted = phase == ExchangePhase.OVER ? 0 : (in == null ? 0 : in.capacity()) + decoder.collected();
        memory.charge(counted - before);
    }

    /** The client cannot take more: the peer has to wait. */
    public void pause() {
        input = input.hasEnded() ? Input.ENDED_PAUSED : Input.PAUSED;
        channel.config().setAutoRead(false);
    }

    /** The client can take more. */
    public void resume() {
        if (!input.isPaused() || phase == ExchangePhase.OVER) {
            return;
        }
        input = input.hasEnded() ? Input.ENDED : Input.FLOWING;
        moved = true;
        channel.config().setAutoRead(true);
        receive();
        if (input == Input.ENDED && phase != ExchangePhase.OVER) {
            peer.close();
        }
    }

    /** The client has left: tells the peer, if it takes CANCEL, and lets it end the response. */
    public void cancel() {
        if (peer.startup().cancels() && phase.isReceiving() && cancel == Cancel.NO) {
            cancel = Cancel.WANTED;
            send();
        }
    }

    /** Cancels the request if the client has left without a word. */
    void sweep(long now) {
        if (request.isLeft(now)) {
            cancel();
        }
    }

    // ---- the end

    private void endIfComplete() {
        if (phase != ExchangePhase.OVER) {
            return;
        }
        count();
        request.done();
        if (input.hasEnded()) {
            peer.close();
            return;
        }
        if (input.isPaused()) {
            // The bytes that the client has not taken wait in the response's spool, and the peer's response is
            // complete.
            channel.config().setAutoRead(true);
        }
        peer.answered();
    }

    /** Whether the peer has exceeded its time limit, which begins anew with all progress. */
    boolean isLate(long now, long allowed) {
        if (moved || input.isPaused() && phase.isReceiving()) {
            moved = false;
            deadline = now + allowed;
        }
        return now - deadline >= 0;
    }

    /** The peer has exceeded its time limit; the caller ends its connection. */
    void timedOut() {
        phase = ExchangePhase.OVER;
        request.timedOut();
    }

    private void fail(int status) {
        phase = ExchangePhase.OVER;
        request.peerFailed(status);
        peer.close();
    }

    /**
     * The peer has closed its end.
     *
     * @return whether its last bytes wait here for a slow client: then the connection's end waits too
     */
    boolean isWaitingAtTheEnd() {
        if (input.isPaused()) {
            input = Input.ENDED_PAUSED;
        }
        return input.isPaused();
    }

    /**
     * The peer's connection has ended.
     *
     * @param unread whether the peer had not read its whole request
     */
    void lost(boolean unread) {
        freeInput();
        boolean early = phase != ExchangePhase.OVER;
        phase = ExchangePhase.OVER;
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
