package org.handoff.lrwp.agent.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Locale;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.lrwp.agent.protocol.Startup;
import org.handoff.lrwp.agent.protocol.StartupParser;
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
final class Peer extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(Peer.class);

    private static final int OUTPUT = 4096;

    private enum State {
        STARTING,
        FREE,
        BUSY,
        CLOSED
    }

    private final Agent agent;
    private final long id;
    private final Channel channel;
    private final InetAddress address;
    /** As {@link #process}, where that was known when it connected. */
    private final SupervisedProcess known;

    private final Instant since = Instant.now();
    private final PeerStartup startup;
    private State state = State.STARTING;
    private Application application;
    /** The process of ours that has made this connection; null where it was somebody else, or nobody has looked yet. */
    private SupervisedProcess process;
    /** The request that it serves; null but while it is busy. */
    private PeerExchange exchange;
    /** See {@link #output}; null before the first request. */
    private ByteBuf output;

    private boolean reset;
    private long requests;
    private long freeSince;

    /** @param known the process of ours that it is sure to be of; null if nobody knows yet */
    Peer(Agent agent, long id, Channel channel, InetAddress address, SupervisedProcess known) {
        this.agent = agent;
        this.id = id;
        this.channel = channel;
        this.address = address;
        this.known = known;
        this.startup = new PeerStartup(agent, this, channel);
    }

    // ---- for the agent

    long id() {
        return id;
    }

    InetAddress address() {
        return address;
    }

    Instant since() {
        return since;
    }

    long requests() {
        return requests;
    }

    /** What it asked for; null before it has. */
    Startup startup() {
        return startup.asked();
    }

    /** The peer's application; null before it has registered. */
    Application application() {
        return application;
    }

    String state() {
        return state == State.STARTING
                ? startup.state()
                : state == State.FREE && !isFree() ? "off" : state.name().toLowerCase(Locale.ROOT);
    }

    boolean isFree() {
        return state == State.FREE && (process == null || process.takes());
    }

    /** When it became free, as a number that grows; only for comparison. */
    long freeSince() {
        return freeSince;
    }

    boolean isBusy() {
        return state == State.BUSY;
    }

    /** Whether it is a stranger that has not been let in yet. */
    boolean isStarting() {
        return state == State.STARTING && application == null && known == null;
    }

    /** Whether not a byte of it has come. */
    boolean isSilent() {
        return startup.isSilent();
    }

    boolean isRefused() {
        return startup.isRefused();
    }

    /** The process of ours that it was sure to be of when it connected, or null. */
    SupervisedProcess known() {
        return known;
    }

    boolean isOnThisMachine() {
        return address.isLoopbackAddress();
    }

    /** The process of ours that it is of, or null. */
    SupervisedProcess supervised() {
        return process == null ? known : process;
    }

    boolean isOfAPool() {
        return supervised() != null;
    }

    /** Whether it is of a pool that is going to have another one in its place. */
    boolean isMissed() {
        return isOfAPool() && supervised().isMissed();
    }

    /** Closes a peer whose time is up. */
    void sweep(long now) {
        if (state == State.STARTING) {
            startup.sweep(now);
        } else if (state == State.BUSY && exchange.isLate(now, agent.settings().peerNanos())) {
            exchange.timedOut();
            close();
        } else if (state == State.BUSY) {
            exchange.sweep(now);
        }
    }

    /** Where what it says is counted. */
    MemoryBudget memory() {
        return agent.memory();
    }

    /** There is no room for the header of its response. */
    void countCrowdedOut() {
        agent.countUnfinishedHeader();
    }

    /** Ends the connection; a request that it was serving fails. */
    void close() {
        channel.close();
        ended();
    }

    // ---- for its startup

    /** It has asked for something that it may have. @param owner the process of ours that it is of, or null */
    void join(SupervisedProcess owner) {
        process = owner;
        application = agent.join(this);
        if (owner != null) {
            application.holdNoMore();
        }
    }

    /** Requests for its application come now. Where its process has ended, it is closed. */
    void joined() {
        if (process != null) {
            process.joined(this);
        }
    }

    /** It may get requests. */
    void ready() {
        free();
        application.dispatch();
    }

    /** Late bytes of a 1.0 startup string, whose end nobody can know; else nobody speaks without being asked. */
    void unexpected(ByteBuf data) {
        if (requests > 0 || startup().lrwp2() || data.readableBytes() > StartupParser.MAX_LENGTH) {
            LOG.warn("Peer {} of {} is closed: it speaks without being asked", this, application.context());
            close();
        }
    }

    // ---- requests

    /** Takes a request; the peer is free. */
    void serve(Job next) {
        state = State.BUSY;
        requests++;
        if (process != null) {
            process.began(this);
        }
        exchange = new PeerExchange(this, channel, next);
        exchange.begin();
    }

    /** It has answered. */
    void served() {
        exchange = null;
        free();
        if (process != null) {
            process.finished(this);
        }
        application.dispatch();
    }

    private void free() {
        state = State.FREE;
        freeSince = agent.nextTurn();
    }

    /**
     * A buffer for the beginning of a request, which the caller releases or writes. For small ones it is one and the
     * same from request to request, once it was written: to allocate one takes longer than to fill it.
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

    /** Something could not be written to it. */
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
            // Mostly a failed TLS handshake: anybody may cause it.
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
        agent.left(this);
        if (process != null) {
            process.left(this);
        }
        if (application != null) {
            LOG.info("Peer {} of {} has left", this, application.context());
        }
        if (lost != null) {
            lost.lost(reset);
        }
    }

    @Override
    public String toString() {
        return id + " (" + address.getHostAddress() + ')';
    }
}
