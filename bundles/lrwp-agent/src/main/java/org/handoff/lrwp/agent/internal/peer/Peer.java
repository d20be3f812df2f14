package org.handoff.lrwp.agent.internal.peer;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Locale;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.lrwp.protocol.Startup;
import org.handoff.lrwp.protocol.StartupParser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer's connection: first its {@link PeerStartup}, and then one {@link PeerExchange} after the other.
 *
 * <pre>
 * STARTING ─▶ FREE ⇄ BUSY
 *             from all: CLOSED
 * </pre>
 *
 * On the agent's loop only.
 */
public final class Peer extends ChannelInboundHandlerAdapter {

    /** The name of the handler for TLS, if there is one. */
    public static final String TLS = "tls";

    private static final Logger LOG = LoggerFactory.getLogger(Peer.class);

    private static final int OUTPUT = 4096;

    private enum State {
        STARTING,
        FREE,
        BUSY,
        CLOSED
    }

    private final PeerHost host;
    private final long id;
    private final Channel channel;
    private final InetAddress address;
    private final PeerStartup startup;
    private State state = State.STARTING;
    /** The present exchange; null unless the peer is busy. */
    private PeerExchange exchange;
    /** See {@link #output}; null before the first request. */
    private ByteBuf output;

    private boolean reset;
    private long requests;

    /**
     * A peer that has connected.
     *
     * @param id for people
     * @param address of the peer
     */
    public Peer(PeerHost host, long id, Channel channel, InetAddress address) {
        this.host = host;
        this.id = id;
        this.channel = channel;
        this.address = address;
        this.startup = new PeerStartup(host, this, channel);
    }

    // ---- for its host

    public long id() {
        return id;
    }

    public InetAddress address() {
        return address;
    }

    public boolean isOnThisMachine() {
        return address.isLoopbackAddress();
    }

    /** The number of requests given to the peer. */
    public long requests() {
        return requests;
    }

    /** The peer's startup string; null before it has come. */
    public Startup startup() {
        return startup.asked();
    }

    /** Its state, for people. */
    public String state() {
        return state == State.STARTING
                ? startup.state()
                : state == State.FREE && !host.takes() ? "off" : state.name().toLowerCase(Locale.ROOT);
    }

    public boolean isStarting() {
        return state == State.STARTING;
    }

    public boolean isFree() {
        return state == State.FREE;
    }

    public boolean isBusy() {
        return state == State.BUSY;
    }

    /** Whether no byte of it has come. */
    public boolean isSilent() {
        return startup.isSilent();
    }

    public boolean isRefused() {
        return startup.isRefused();
    }

    /** Closes a peer that has exceeded its time limit. */
    public void sweep(long now) {
        if (state == State.STARTING) {
            startup.sweep(now);
        } else if (state == State.BUSY && exchange.isLate(now, host.settings().peerNanos())) {
            exchange.timedOut();
            close();
        } else if (state == State.BUSY) {
            exchange.sweep(now);
        }
    }

    /** Takes a request; the peer is free. */
    public void serve(ExchangeRequest next) {
        state = State.BUSY;
        requests++;
        exchange = new PeerExchange(this, channel, next);
        exchange.begin();
    }

    /** Ends the connection; a request that it was serving fails. */
    public void close() {
        channel.close();
        ended();
    }

    // ---- for its startup

    /** It may get requests. */
    void ready() {
        state = State.FREE;
        host.free();
    }

    /** Late bytes of a 1.0 startup string, whose end is not marked; otherwise peers send nothing without a request. */
    void unexpected(ByteBuf data) {
        if (requests > 0 || startup().lrwp2() || data.readableBytes() > StartupParser.MAX_LENGTH) {
            LOG.warn("Peer {} of {} is closed: it sends bytes without a request", this, host.served());
            close();
        }
    }

    // ---- for its exchanges

    /** The context that it serves, for people. */
    String served() {
        return host.served();
    }

    /** The memory that counts its bytes. */
    MemoryBudget memory() {
        return host.memory();
    }

    /** There is no room for the header of its response. */
    void crowdedOut() {
        host.crowdedOut();
    }

    /** The exchange is complete. */
    void answered() {
        exchange = null;
        state = State.FREE;
        host.free();
    }

    /**
     * A buffer for the beginning of a request, which the caller releases or writes. Small requests share one buffer,
     * once it was written: allocating one takes longer than filling it.
     */
    ByteBuf output(int size) {
        if (size > OUTPUT) {
            return channel.alloc().directBuffer(size);
        }
        if (output == null || output.refCnt() > 1) {
            ReferenceCountUtil.release(output);
            output = channel.alloc().directBuffer(OUTPUT);
        }
        return output.clear().retain();
    }

    /** Writing to the peer has failed. */
    void failed(Throwable cause) {
        reset |= cause instanceof IOException;
        close();
    }

    // ---- events of the channel

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf data = (ByteBuf) message;
        if (state == State.BUSY) {
            exchange.received(data);
            return;
        }
        try {
            if (state == State.STARTING) {
                startup.received(data);
            } else if (state == State.FREE) {
                unexpected(data);
            }
        } finally {
            data.release();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (state == State.BUSY && channel.isWritable()) {
            exchange.writable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            LOG.debug("peer {} is gone", this, cause);
            reset = true;
        } else if (state == State.STARTING) {
            // Mostly a failed TLS handshake, which any client can cause.
            LOG.warn("Peer {} is closed: {}", this, cause.toString());
        } else {
            LOG.error("Peer {} is closed", this, cause);
        }
        close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        inputEnded();
    }

    // ---- the end

    private void inputEnded() {
        if (state != State.BUSY || !exchange.isWaitingAtTheEnd()) {
            reset |= state == State.BUSY && !Delivery.isComplete(channel);
            close();
        }
    }

    private void ended() {
        if (state == State.CLOSED) {
            return;
        }
        PeerExchange lost = exchange;
        exchange = null;
        state = State.CLOSED;
        startup.end();
        ReferenceCountUtil.release(output);
        output = null;
        host.left();
        if (lost != null) {
            lost.lost(reset);
        }
    }

    @Override
    public String toString() {
        return id + " (" + address.getHostAddress() + ')';
    }
}
