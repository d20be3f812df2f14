package org.handoff.lrwp.agent.internal.application;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import org.handoff.lrwp.agent.internal.config.LrwpSettings;
import org.handoff.lrwp.agent.internal.config.PeerTls;
import org.handoff.lrwp.agent.internal.peer.Peer;
import org.handoff.lrwp.agent.internal.supervised.SupervisedProcess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts peers: binds its socket, trying again until the port is free. If it takes the place of another listener, the
 * other one listens until then. One listener is for all peers that the configuration allows; another only for the
 * processes that the agent has started, on a port that they are told, so that they need neither a password nor TLS. On
 * the agent's loop only.
 */
public final class PeerListener {

    private static final Logger LOG = LoggerFactory.getLogger(PeerListener.class);

    private static final int BACKLOG = 1024;
    private static final long RETRY_MILLIS = 1000;
    /** The largest number of connections to the own port that are not identified yet. */
    private static final int UNKNOWN_AT_ONCE = 256;

    private final EventLoop loop;
    private final Agent agent;
    private final InetSocketAddress address;
    private final PeerTls tls;
    private final boolean own;
    /** The listener whose place this one is to take; null after that. */
    private PeerListener former;

    private int unknown;
    private volatile Channel channel;
    private boolean closed;
    private volatile String status = "starting";

    private PeerListener(
            EventLoop loop, Agent agent, InetSocketAddress address, PeerListener former, PeerTls tls, boolean own) {
        this.loop = loop;
        this.agent = agent;
        this.address = address;
        this.former = former;
        this.tls = tls;
        this.own = own;
    }

    /** A listener for all peers that the settings allow. @param former listens until this one does; null for none */
    public static PeerListener of(EventLoop loop, Agent agent, LrwpSettings settings, PeerListener former) {
        return new PeerListener(loop, agent, settings.address(), former, settings.tls(), false);
    }

    /** A listener for the agent's own processes. */
    public static PeerListener own(EventLoop loop, Agent agent) {
        return new PeerListener(
                loop, agent, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null, null, true);
    }

    /** Whether the listener is as these settings want it. */
    public boolean isFor(LrwpSettings settings) {
        return address.equals(settings.address())
                && (tls == null
                        ? settings.tls() == null
                        : settings.tls() != null
                                && tls.source().equals(settings.tls().source()));
    }

    /** Binds the socket, now or as soon as it can be bound. */
    public void open() {
        if (closed) {
            return;
        }
        boolean overlaps = former != null && former.port() == address.getPort();
        if (overlaps) {
            former.share(true);
        }
        new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(EpollChannelOption.SO_REUSEPORT, overlaps)
                .childOption(ChannelOption.TCP_NODELAY, true)
                // Without keep-alive, a peer whose machine vanished would stay free for ever.
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel peer) {
                        if (own) {
                            beginIfOurs(peer);
                        } else {
                            begin(peer, null);
                        }
                    }
                })
                .bind(address)
                .addListener(bound -> loop.execute(() -> bound((ChannelFuture) bound)));
    }

    /** Lets both listeners bind the port: the addresses of one may include those of the other. */
    private void share(boolean shared) {
        if (bound() != null) {
            channel.config().setOption(EpollChannelOption.SO_REUSEPORT, shared);
        }
    }

    private void bound(ChannelFuture bound) {
        if (former != null) {
            former.share(false);
        }
        if (bound.isSuccess() && closed) {
            bound.channel().close();
        } else if (bound.isSuccess()) {
            channel = bound.channel();
            share(false);
            status = "listening on " + text((InetSocketAddress) channel.localAddress())
                    + (tls == null ? "" : " with TLS");
            LOG.info("For {}: {}", whom(), status);
            takePlace();
        } else if (!closed) {
            String problem =
                    "cannot listen on " + text(address) + ": " + bound.cause().getMessage();
            if (!problem.equals(status)) {
                status = problem;
                LOG.error(
                        "For {}: {}. Trying again every second; change address or port in etc/{}.cfg, or end "
                                + "what has the port",
                        whom(),
                        this,
                        LrwpSettings.PID);
            }
            loop.schedule(this::open, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void takePlace() {
        if (former != null) {
            former.close();
            former = null;
        }
    }

    /**
     * The listener to be kept when another address is wanted: this one if it listens; otherwise it ends, and the kept
     * one is that whose place it could not take.
     *
     * @return null if none listens
     */
    public PeerListener lasting() {
        if (bound() != null) {
            return this;
        }
        PeerListener lasting = former;
        former = null;
        close();
        if (lasting != null) {
            lasting.share(false);
        }
        return lasting;
    }

    private String whom() {
        return own ? "LRWP peers of pools" : "LRWP peers";
    }

    private void beginIfOurs(SocketChannel peer) {
        if (unknown >= UNKNOWN_AT_ONCE) {
            peer.close();
            return;
        }
        unknown++;
        peer.config().setAutoRead(false);
        agent.processes()
                .find(peer.remoteAddress(), peer.localAddress())
                .whenComplete((process, failure) -> loop.execute(() -> {
                    unknown--;
                    if (process == null) {
                        LOG.warn(
                                "The connection of {} is closed: this port is for processes of pools only",
                                peer.remoteAddress(),
                                failure);
                        peer.close();
                    } else {
                        begin(peer, process);
                        peer.config().setAutoRead(true);
                    }
                }));
    }

    private void begin(SocketChannel peer, SupervisedProcess process) {
        Peer handler = agent.connected(peer, peer.remoteAddress(), process).peer();
        // The handler closes the channel itself, after asking how much of the last request was taken.
        peer.config().setAllowHalfClosure(true);
        if (tls != null) {
            peer.pipeline().addLast(Peer.TLS, tls.context().newHandler(peer.alloc()));
        }
        peer.pipeline().addLast(handler);
    }

    /** Stops accepting and frees the port; the peers stay. */
    public void close() {
        closed = true;
        takePlace();
        status = "closed";
        if (channel != null) {
            channel.close();
            LOG.info("For {}: no longer listening on {}", whom(), text(address));
        }
    }

    /** The listening address, or null. Any thread may call it. */
    public InetSocketAddress bound() {
        Channel open = channel;
        return open == null || !open.isActive() ? null : (InetSocketAddress) open.localAddress();
    }

    /** The listening port, or that of the listener whose place it could not take yet; or -1. */
    public int port() {
        return bound() != null ? bound().getPort() : former == null ? -1 : former.port();
    }

    /** The state of the listener, or its problem. */
    @Override
    public String toString() {
        return status + (former == null ? "" : "; still " + former);
    }

    private static String text(InetSocketAddress address) {
        return NetUtil.toSocketAddressString(address);
    }
}
