package org.handoff.lrwp.agent.internal.application;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

import io.netty.channel.ChannelException;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.FileDescriptor;
import org.handoff.http.loop.Listener;
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

    /** The largest number of connections to the own port that are not identified yet. */
    private static final int UNKNOWN_AT_ONCE = 256;

    private final EventLoop loop;
    private final Agent agent;
    private final PeerTls tls;
    private final boolean own;
    /** The listener whose place this one is to take; null for none. */
    private PeerListener former;

    private final Listener listener;
    private int unknown;

    private PeerListener(
            IoEventLoop loop, Agent agent, InetSocketAddress address, PeerListener former, PeerTls tls, boolean own) {
        this.loop = loop;
        this.agent = agent;
        this.former = former;
        this.tls = tls;
        this.own = own;
        Listener.Purpose purpose = new Listener.Purpose(
                own ? "LRWP peers of pools" : "LRWP peers", LrwpSettings.FILE, tls == null ? "" : " with TLS");
        listener = new Listener(purpose, address, former == null ? null : former.listener, loop, this::accepted);
    }

    /** A listener for all peers that the settings allow. @param former listens until this one does; null for none */
    public static PeerListener of(IoEventLoop loop, Agent agent, LrwpSettings settings, PeerListener former) {
        return new PeerListener(loop, agent, settings.address(), former, settings.tls(), false);
    }

    /** A listener for the agent's own processes. */
    public static PeerListener own(IoEventLoop loop, Agent agent) {
        return new PeerListener(
                loop, agent, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null, null, true);
    }

    /** Whether the listener is as these settings want it. */
    public boolean isFor(LrwpSettings settings) {
        return listener.address().equals(settings.address())
                && (tls == null
                        ? settings.tls() == null
                        : settings.tls() != null
                                && tls.source().equals(settings.tls().source()));
    }

    /** Binds the socket, now or as soon as it can be bound. */
    public void open() {
        listener.open();
    }

    /**
     * The listener to be kept when another address is wanted: this one if it listens; otherwise it ends, and the kept
     * one is that whose place it could not take.
     *
     * @return null if none listens
     */
    public PeerListener lasting() {
        Listener lasting = listener.lasting();
        PeerListener kept = lasting == listener ? this : lasting == null ? null : former;
        former = null;
        return kept;
    }

    private void accepted(int descriptor) {
        EpollSocketChannel accepted;
        try {
            accepted = new EpollSocketChannel(descriptor);
        } catch (ChannelException e) {
            LOG.debug("a peer left before it was accepted", e);
            close(descriptor);
            return;
        }
        if (!accepted.isActive()) {
            // A channel that was reset on its way here never reports its end.
            accepted.unsafe().closeForcibly();
            return;
        }
        accepted.pipeline().addLast(new ChannelInitializer<SocketChannel>() {
            @Override
            protected void initChannel(SocketChannel peer) {
                // Without keep-alive, a peer whose machine vanished would stay free for ever.
                peer.config().setKeepAlive(true);
                if (own) {
                    beginIfOurs(peer);
                } else {
                    begin(peer, null);
                }
            }
        });
        loop.register(accepted);
    }

    private static void close(int descriptor) {
        try {
            new FileDescriptor(descriptor).close();
        } catch (IOException e) {
            LOG.warn("Cannot close descriptor {} of a peer that has left", descriptor, e);
        }
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
        listener.stop();
    }

    /** The listening address, or null. Any thread may call it. */
    public InetSocketAddress bound() {
        return listener.bound();
    }

    /** The listening port, or that of the listener whose place it could not take yet; or -1. */
    public int port() {
        return listener.port();
    }

    /** The state of the listener, or its problem. */
    @Override
    public String toString() {
        return listener.toString();
    }
}
