package org.handoff.lrwp.peer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.SocketFactory;

import org.handoff.worker.api.Handler;

/**
 * A peer: some connections to an LRWP agent, each of which answers one request at a time. A connection that is lost, or
 * cannot be made, is made again after a while, until the peer is closed.
 *
 * <pre>{@code
 * try (LrwpPeer peer = LrwpPeer.to("127.0.0.1", 1081, "app").connections(4).serve(MyHandler::new)) {
 *     Thread.currentThread().join();
 * }
 * }</pre>
 *
 * <p><b>Threads:</b> each connection has a thread and a handler of its own, so a handler is called by one thread only.
 */
public final class LrwpPeer implements AutoCloseable {

    private final List<PeerConnection> connections = new ArrayList<>();

    private LrwpPeer(Builder builder, Supplier<? extends Handler> handlers) {
        for (int i = 1; i <= builder.connections; i++) {
            connections.add(new PeerConnection(builder, i, Objects.requireNonNull(handlers.get(), "handler")));
        }
        connections.forEach(PeerConnection::start);
    }

    /**
     * Describes a peer.
     *
     * @param agentHost the agent's host name or address
     * @param agentPort the agent's port for peers
     * @param name the context without its leading slash, or an extension with its dot
     */
    public static Builder to(String agentHost, int agentPort, String name) {
        return new Builder(agentHost, agentPort, name);
    }

    /** The number of connections registered now. Any thread may call it. */
    public int registered() {
        return (int) connections.stream().filter(PeerConnection::isRegistered).count();
    }

    /**
     * Ends the connections: those that wait for a request at once, the others after their handler's return. Waits for
     * that for 10 seconds at most; then it cuts them.
     */
    @Override
    public void close() {
        connections.forEach(PeerConnection::close);
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        connections.forEach(connection -> connection.awaitEnd(end));
    }

    /** The settings of a peer. Not thread-safe. */
    public static final class Builder {

        final String agentHost;
        final int agentPort;
        final String name;
        String virtualHost = "";
        String password = "";
        SocketFactory sockets = SocketFactory.getDefault();
        int connections = 1;
        Duration longestPause = Duration.ofSeconds(10);

        private Builder(String agentHost, int agentPort, String name) {
            this.agentHost = Objects.requireNonNull(agentHost, "agentHost");
            this.agentPort = agentPort;
            this.name = Objects.requireNonNull(name, "name");
        }

        /** The only host the peer is for; by default any. */
        public Builder virtualHost(String host) {
            virtualHost = Objects.requireNonNull(host, "host");
            return this;
        }

        /** The application's password; it crosses the network almost in the clear, unless the sockets are TLS. */
        public Builder password(String secret) {
            password = Objects.requireNonNull(secret, "secret");
            return this;
        }

        /** Makes the sockets; an {@code SSLSocketFactory} for an agent with TLS. */
        public Builder sockets(SocketFactory factory) {
            sockets = Objects.requireNonNull(factory, "factory");
            return this;
        }

        /**
         * The number of connections, and so of requests served at the same time; 1 by default.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder connections(int count) {
            if (count < 1) {
                throw new IllegalArgumentException(count + " connections: a peer has at least 1");
            }
            connections = count;
            return this;
        }

        /** The longest pause between two attempts to connect, which begin with a tenth of a second; 10 s by default. */
        public Builder longestPause(Duration pause) {
            longestPause = Objects.requireNonNull(pause, "pause");
            return this;
        }

        /**
         * Connects, in the background, and serves.
         *
         * @param handlers gives the handler of each connection; a handler that may be called by several threads may be
         *        given several times
         * @return the peer; the caller closes it
         */
        public LrwpPeer serve(Supplier<? extends Handler> handlers) {
            return new LrwpPeer(this, handlers);
        }
    }
}
