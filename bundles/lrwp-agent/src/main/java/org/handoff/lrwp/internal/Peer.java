package org.handoff.lrwp.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import org.handoff.lrwp.protocol.Refusal;
import org.handoff.lrwp.protocol.Startup;
import org.handoff.lrwp.protocol.StartupParser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A peer's connection: first its {@link PeerStartup}, and then one {@link PeerExchange} after the other.
 *
 * <pre>
 * STARTING ─▶ REGISTERING ─▶ SETTLING ─▶ FREE ⇄ BUSY
 *                            from all: REFUSED, CLOSED
 * </pre>
 *
 * On the agent's loop only.
 */
final class Peer extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(Peer.class);

    /** Between OK and a 1.0 peer's first request: some peers read OK as "whatever comes". */
    static final long SETTLE_MILLIS = 50;
    /** How long a refused peer may take to read why. */
    private static final long REFUSED_MILLIS = 2000;

    private enum State {
        STARTING, REGISTERING, SETTLING, FREE, BUSY, REFUSED, CLOSED
    }

    private final Agent agent;
    private final long id;
    private final Channel channel;
    private final InetAddress address;
    private final Instant since = Instant.now();
    private final PeerStartup startup;
    private State state = State.STARTING;
    private Application application;
    /** The process of ours that has made this connection; null where it was somebody else. */
    private SupervisedProcess process;
    /** The request that it serves; null but while it is busy. */
    private PeerExchange exchange;
    private boolean reset;
    private long requests;
    private long freeSince;

    Peer(Agent agent, long id, Channel channel, InetAddress address) {
        this.agent = agent;
        this.id = id;
        this.channel = channel;
        this.address = address;
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
        return state == State.FREE && !isFree() ? "off"
                : state == State.STARTING && startup.isChallenged() ? "challenged"
                : state.name().toLowerCase(Locale.ROOT);
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

    boolean isRefused() {
        return state == State.REFUSED;
    }

    boolean isOnThisMachine() {
        return address.isLoopbackAddress();
    }

    /** Whether it is of a pool that is going to have another one in its place. */
    boolean isMissed() {
        return process != null && process.isMissed();
    }

    /** Closes a peer whose time is up. */
    void sweep(long now) {
        if (state == State.STARTING) {
            startup.sweep(now);
        } else if (state == State.BUSY && exchange.isLate(now, agent.settings().peerNanos())) {
            exchange.timedOut();
            close();
        }
    }

    /** Ends the connection; a request that it was serving fails. */
    void close() {
        channel.close();
        ended();
    }

    // ---- startup

    /** It has asked for something that it may have. */
    void register() {
        state = State.REGISTERING;
        application = agent.join(this);
        // Before its OK: it must not get a request that its process is not to have.
        CompletableFuture<SupervisedProcess> found = recognised();
        agent.published().exceptionally(failure -> null).thenCombine(found, (done, owner) -> owner)
                .whenComplete((owner, failure) -> channel.eventLoop().execute(() -> accept(owner)));
    }

    private CompletableFuture<SupervisedProcess> recognised() {
        return channel.remoteAddress() instanceof InetSocketAddress its
                && channel.localAddress() instanceof InetSocketAddress ours
                ? agent.processes().find(its, ours) : CompletableFuture.completedFuture(null);
    }

    private void accept(SupervisedProcess owner) {
        if (state != State.REGISTERING) {
            return;
        }
        process = owner;
        if (process != null) {
            process.joined(this);
            if (state != State.REGISTERING) {
                // Its process has ended in the meantime.
                return;
            }
        }
        LOG.info("Peer {} serves {}{} (LRWP {}{})", this, application.context(),
                application.host().isEmpty() ? "" : " for " + application.host(), startup().version(),
                process == null ? "" : ", of process " + process.process().pid());
        state = State.SETTLING;
        if (startup().lrwp2()) {
            channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'O', 'K', Startup.SEPARATOR}));
            settled();
        } else {
            channel.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'O', 'K'}));
            channel.eventLoop().schedule(this::settled, SETTLE_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void settled() {
        if (state == State.SETTLING) {
            free();
            application.dispatch();
        }
    }

    /** Late bytes of a 1.0 startup string, whose end nobody can know; else nobody speaks without being asked. */
    private void unexpected(ByteBuf data) {
        if (state == State.FREE && requests > 0 || startup().lrwp2()
                || data.readableBytes() > StartupParser.MAX_LENGTH) {
            LOG.warn("Peer {} of {} is closed: it speaks without being asked", this, application.context());
            close();
        }
    }

    /** It has said nothing at all in time. */
    void saidNothing() {
        LOG.debug("Peer {} said nothing in time", this);
        close();
    }

    /** Says why not, and closes the connection so that the peer can still read it. */
    void refuse(Refusal refusal) {
        state = State.REFUSED;
        startup.end();
        LOG.warn("Peer {}{} is refused: {}", this, startup() == null ? "" : ", for " + startup().name() + ',',
                refusal.text());
        channel.eventLoop().schedule(this::close, REFUSED_MILLIS, TimeUnit.MILLISECONDS);
        channel.writeAndFlush(Unpooled.wrappedBuffer(refusal.answer(startup.isLrwp2()))).addListener(written -> {
            if (channel instanceof DuplexChannel duplex && channel.pipeline().get(PeerListener.TLS) == null) {
                duplex.shutdownOutput();
            } else {
                channel.close();
            }
        });
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
            switch (state) {
                case STARTING -> startup.received(data);
                case REGISTERING, SETTLING, FREE -> unexpected(data);
                default -> {
                    // Refused or closed: nobody listens.
                }
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
