package org.handoff.http;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves HTTP/1.0 and HTTP/1.1 on connections that it is given. One event loop does all input and output, and an
 * executor's thread runs the handlers; neither waits for a client.
 */
public final class HttpEngine implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpEngine.class);

    private static final long SWEEP_MILLIS = 1000;

    private final EventLoop loop;
    private final HttpLimits limits;
    private final MemoryBudget memory;
    private final Executor handlers;
    private final Set<ServerConnection> connections = new LinkedHashSet<>();
    /** Those that keep parts of requests in memory, in the order in which they began to. */
    private final Set<ServerConnection> keepers = new LinkedHashSet<>();

    private final Future<?> sweep;
    private final Complaint crowdedOut = new Complaint();
    private final Complaint cut = new Complaint();
    private final Complaint unkept = new Complaint();
    /** Why the last of these was refused. */
    private IOException unkeptBecause;

    private volatile Router router;
    private boolean closed;

    /**
     * Makes an engine, which begins to watch the time.
     *
     * @param loop the loop of all its connections; the engine does not end it
     * @param limits what one client may cost
     * @param memory what its connections may fill, perhaps with those of other engines
     * @param router says who answers a request
     * @param handlers calls the handlers, one at a time and in order; the engine does not end it. A request that it
     *        rejects is answered 503
     */
    public HttpEngine(EventLoop loop, HttpLimits limits, MemoryBudget memory, Router router, Executor handlers) {
        this.loop = loop;
        this.limits = Objects.requireNonNull(limits, "limits");
        this.memory = Objects.requireNonNull(memory, "memory");
        this.router = Objects.requireNonNull(router, "router");
        this.handlers = Objects.requireNonNull(handlers, "handlers");
        sweep = loop.scheduleAtFixedRate(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Routes by another router from the next request on. Any thread may call it. */
    public void router(Router next) {
        router = Objects.requireNonNull(next, "next");
    }

    /**
     * Serves a connection. Call it on the event loop.
     *
     * @param channel the connected channel: registered with the engine's loop, or with none yet and then it will be.
     *        While it is served nobody else may read, write or configure it
     * @param received what was read from the connection already, perhaps empty; the engine releases it
     * @param owner is told of states and of the end
     * @return the connection, idle
     * @throws IllegalStateException if the engine is closed, or the call does not come on its loop or the channel is
     *         another loop's; channel and buffer are the caller's then
     */
    public HttpConnection serve(Channel channel, ByteBuf received, HttpConnection.Owner owner) {
        return serve(channel, null, received, owner);
    }

    /**
     * Serves a connection of which so much was read already that a part of it is in a file.
     *
     * @param channel as for {@link #serve(Channel, ByteBuf, HttpConnection.Owner)}
     * @param earlier what was read first, read again from the file in pieces, or null; to be readable until the owner
     *        hears of the end
     * @param received what was read behind that, perhaps empty; the engine releases it
     * @param owner is told of states and of the end
     * @return the connection, idle
     * @throws IllegalStateException as there
     */
    public HttpConnection serve(Channel channel, FileInput earlier, ByteBuf received, HttpConnection.Owner owner) {
        if (!loop.inEventLoop() || channel.isRegistered() && channel.eventLoop() != loop) {
            throw new IllegalStateException("Connections are served on the engine's own event loop only");
        }
        if (closed) {
            throw new IllegalStateException("The engine is closed");
        }
        EarlierInput input = earlier == null ? null : new EarlierInput(earlier, received);
        ServerConnection connection =
                new ServerConnection(this, limits, channel, input, input == null ? received : null, owner);
        connections.add(connection);
        if (input != null) {
            channel.pipeline().addLast(input);
        }
        channel.pipeline().addLast(connection);
        if (channel.isRegistered()) {
            connection.execute(connection::begin);
        } else {
            loop.register(channel)
                    .addListener(registered ->
                            connection.execute(registered.isSuccess() ? connection::begin : connection::fail));
        }
        return connection;
    }

    Router currentRouter() {
        return router;
    }

    Executor handlers() {
        return handlers;
    }

    EventLoop loop() {
        return loop;
    }

    MemoryBudget memory() {
        return memory;
    }

    void forget(ServerConnection connection) {
        connections.remove(connection);
    }

    /** Counts what a connection keeps of requests that no handler was called for; frees memory where it is needed. */
    void count(ServerConnection connection, long before, long now) {
        memory.charge(now - before);
        if (now == 0) {
            keepers.remove(connection);
        } else if (before == 0) {
            keepers.add(connection);
        }
        while (now > before && memory.isExceeded() && crowdOutOldest()) {
            crowdedOut.happens();
        }
    }

    /** A response is cut, as what waits of it has no room. */
    void countCut() {
        cut.happens();
    }

    /** The system has refused the file for a request's body. */
    void countUnkept(IOException cause) {
        unkept.happens();
        unkeptBecause = cause;
    }

    private boolean crowdOutOldest() {
        for (ServerConnection keeper : keepers) {
            if (keeper.makeRoom()) {
                return true;
            }
        }
        return false;
    }

    private void complain(long now) {
        long unfinished = crowdedOut.take(now);
        if (unfinished > 0) {
            LOG.warn(
                    "{} requests were answered 503 before they were complete, or ended their connections, the oldest "
                            + "first: all together may take half of http.memory, which is {} bytes",
                    unfinished,
                    limits.memory());
        }
        long refused = unkept.take(now);
        if (refused > 0) {
            LOG.error(
                    "{} requests were answered 500, as their bodies could not be kept in {}: see to its disk and to the "
                            + "limit of open files (ulimit -n). The last one because of",
                    refused,
                    limits.tempDir(),
                    unkeptBecause);
        }
        long slow = cut.take(now);
        if (slow > 0) {
            LOG.warn(
                    "{} responses were cut, as their clients take them slowly, http.spool is full, and what comes "
                            + "behind that may take half of http.memory, which is {} bytes",
                    slow,
                    limits.memory());
        }
    }

    private void sweep() {
        long now = System.nanoTime();
        complain(now);
        // A copy, because a connection whose time is up takes itself out.
        for (ServerConnection connection : List.copyOf(connections)) {
            try {
                connection.guard(() -> connection.checkTime(now));
            } catch (RuntimeException e) {
                // Thrown on, it would end the limits of all others.
                LOG.error("A connection is cut, whose time cannot be looked at", e);
                connection.abort();
            }
        }
    }

    /**
     * Stops watching the time and cuts the connections that it still has; {@link HttpConnection#release} them before.
     * Any thread may call it.
     */
    @Override
    public void close() {
        if (!loop.inEventLoop()) {
            loop.execute(this::close);
            return;
        }
        closed = true;
        sweep.cancel(false);
        List.copyOf(connections).forEach(ServerConnection::abort);
    }
}
