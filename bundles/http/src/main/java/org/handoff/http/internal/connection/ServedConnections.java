package org.handoff.http.internal.connection;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import org.handoff.http.Durability;
import org.handoff.http.FileInput;
import org.handoff.http.HttpConnection;
import org.handoff.http.Router;
import org.handoff.http.internal.request.SpillInput;
import org.handoff.http.internal.response.AsyncResponses;
import org.handoff.http.limits.Complaint;
import org.handoff.http.limits.HandlerOptions;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All connections that an engine serves, and their shared parts. On the event loop, but for {@link #router} and {@link
 * #close}.
 */
public final class ServedConnections {

    private static final Logger LOG = LoggerFactory.getLogger(ServedConnections.class);

    private static final long SWEEP_MILLIS = 1000;

    private final EventLoop loop;
    private final HttpLimits limits;
    private final MemoryBudget memory;
    private final Executor handlers;
    private final AsyncResponses asynchronous;
    private final Set<ServerConnection> connections = new LinkedHashSet<>();
    /** The connections that keep parts of requests in memory, in the order in which they began to. */
    private final Set<ServerConnection> keepers = new LinkedHashSet<>();

    private final Future<?> sweep;
    private final Complaint crowdedOut = new Complaint();
    private final Complaint cut = new Complaint();
    private final Complaint unkept = new Complaint();
    /** The system's reason for the last refused file. */
    private IOException unkeptBecause;

    private volatile Router router;
    private boolean closed;

    /** @param handlers calls the handlers, one at a time and in order */
    public ServedConnections(
            EventLoop loop,
            HttpLimits limits,
            HandlerOptions options,
            MemoryBudget memory,
            Router router,
            Executor handlers) {
        this.loop = loop;
        this.limits = limits;
        this.memory = memory;
        this.router = router;
        this.handlers = handlers;
        asynchronous = new AsyncResponses(loop, handlers, options);
        sweep = loop.scheduleAtFixedRate(this::sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Routes by another router from the next request on. Any thread may call it. */
    public void router(Router next) {
        router = next;
    }

    /**
     * Serves one more connection.
     *
     * @param earlier the bytes that were read first, or null
     * @param received the bytes read after those; released here
     * @throws IllegalStateException if the engine is closed, or this is not its thread
     */
    public HttpConnection serve(
            Channel channel, FileInput earlier, ByteBuf received, HttpConnection.Owner owner, Durability durability) {
        if (!loop.inEventLoop() || channel.isRegistered() && channel.eventLoop() != loop) {
            throw new IllegalStateException("Connections are served on the engine's own event loop only");
        }
        if (closed) {
            throw new IllegalStateException("The engine is closed");
        }
        SpillInput input = earlier == null ? null : new SpillInput(earlier, received);
        ServerConnection connection =
                new ServerConnection(this, limits, channel, input, input == null ? received : null, owner, durability);
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

    AsyncResponses asynchronous() {
        return asynchronous;
    }

    /** Ends all asynchronous responses, as at the end of their time. On the event loop. */
    public void endAsynchronous() {
        asynchronous.endAll();
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

    /**
     * Counts the bytes that a connection keeps of requests that no handler was called for; frees memory if necessary.
     */
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

    /** A response is cut, as there is no room for its unsent bytes. */
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
                    "{} requests were answered 503, as their bodies could not be kept in {}: see to its disk and to"
                            + " the limit of open files (ulimit -n). The last one because of",
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
        // A copy, because a connection that exceeds a limit removes itself.
        for (ServerConnection connection : List.copyOf(connections)) {
            try {
                connection.checkTime(now);
            } catch (RuntimeException e) {
                // Thrown on, it would stop the limits of all other connections.
                LOG.error("A connection is cut, as its time limits cannot be checked", e);
                connection.abort();
            }
        }
    }

    /** Stops watching the time and cuts the remaining connections. Any thread may call it. */
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
