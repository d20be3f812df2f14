package org.handoff.lrwp.agent.internal.front;

import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import org.handoff.http.Router;
import org.handoff.http.StreamedRequest;
import org.handoff.http.StreamedResponse;
import org.handoff.http.engine.HttpEngine;
import org.handoff.http.limits.Complaint;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;
import org.handoff.http.routing.RequestTarget;
import org.handoff.lrwp.agent.internal.application.Application;
import org.handoff.lrwp.agent.internal.application.Finder;
import org.handoff.lrwp.agent.internal.application.PeerRequest;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.UnusedBytes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The clients' connections of one event loop: the agent's own, or one for clients only, from which complete requests
 * cross to the agent's loop. Any thread may take, renew, drain and close; the rest is for this loop.
 */
final class FrontLoop {

    private static final Logger LOG = LoggerFactory.getLogger(FrontLoop.class);

    private final EventLoop loop;
    private final EventLoop agentLoop;
    private final Executor monitorLoop;
    private final Finder finder;
    /** The connections given to this loop that have not left. */
    private final AtomicInteger load = new AtomicInteger();

    private final Set<FrontConnection> connections = new HashSet<>();
    private final Complaint crowdedOut = new Complaint();
    private MemoryBudget memory;
    private HttpEngine engine;
    /** Engines with former limits that still have connections. */
    private final Set<HttpEngine> former = new HashSet<>();

    /** Null until the front stops. */
    private CompletableFuture<Void> drained;

    /**
     * A loop without connections, to be renewed first.
     *
     * @param agentLoop the loop of the peers, maybe the same
     * @param finder finds the application of a request; any thread may call it
     */
    FrontLoop(EventLoop loop, EventLoop agentLoop, Executor monitorLoop, Finder finder) {
        this.loop = loop;
        this.agentLoop = agentLoop;
        this.monitorLoop = monitorLoop;
        this.finder = finder;
    }

    /** The number of connections that it serves or is about to serve. */
    int load() {
        return load.get();
    }

    /** Serves with these limits from now on. */
    void renew(HttpLimits limits, MemoryBudget budget) {
        loop.execute(() -> {
            HttpEngine old = engine;
            memory = budget;
            engine = new HttpEngine(loop, limits, budget, this::route, task -> {
                throw new RejectedExecutionException("all requests are streamed");
            });
            if (old != null) {
                // Its connections come back through the monitor, to the new engine.
                former.add(old);
                List.copyOf(connections).forEach(FrontConnection::release);
                closeFormer();
            }
        });
    }

    private void closeFormer() {
        former.removeIf(one -> {
            boolean over = connections.stream().noneMatch(connection -> connection.isServedBy(one));
            if (over) {
                one.close();
            }
            return over;
        });
    }

    // ---- requests

    private Router.Route route(RequestTarget target) {
        Application found = finder.find(target.host(), target.path());
        // The registrar may not have processed yet that the last peer has left.
        return found == null || found.isForgotten()
                ? null
                : new Router.Route(found.context(), null, (request, response) -> ask(found, request, response));
    }

    private void ask(Application application, StreamedRequest request, StreamedResponse response) {
        if (loop == agentLoop) {
            application.submit(new PeerRequest(request, response, finder, application));
        } else {
            StreamedResponse crossing = new CrossingResponse(response, loop, agentLoop, memory, crowdedOut);
            agentLoop.execute(() -> submit(application, request, crossing));
        }
    }

    /** On the agent's loop, where nobody else would answer a request that fails. */
    private void submit(Application application, StreamedRequest request, StreamedResponse response) {
        try {
            application.submit(new PeerRequest(request, response, finder, application));
        } catch (RuntimeException e) {
            LOG.error(
                    "Cannot ask the peers of {} for {} {}", application.context(), request.method(), request.path(), e);
            request.close();
            response.fail(500);
        }
    }

    // ---- connections

    /**
     * Serves a connection by a descriptor of its own, or ends it.
     *
     * @param unused in memory, which the monitor counts ({@link Connection#keeps}) until the engine does
     */
    void take(Connection connection, int descriptor, UnusedBytes unused) {
        load.incrementAndGet();
        boolean isCounted = unused.rest().hasRemaining();
        try {
            loop.execute(() -> {
                try {
                    serve(connection, descriptor, unused);
                } finally {
                    if (isCounted) {
                        // Behind the task by which the engine begins with them.
                        loop.execute(() -> keepsNothing(connection));
                    }
                }
            });
        } catch (RejectedExecutionException e) {
            end(descriptor, unused);
            keepsNothing(connection);
        }
    }

    private void keepsNothing(Connection connection) {
        try {
            monitorLoop.execute(() -> connection.keeps(0));
        } catch (RejectedExecutionException e) {
            LOG.debug("connection {} ends with the monitor", connection.id(), e);
        }
    }

    private void serve(Connection connection, int descriptor, UnusedBytes unused) {
        try {
            EpollSocketChannel channel = new EpollSocketChannel(descriptor);
            if (drained != null || !channel.isActive()) {
                // The connection was reset on its way here (such a channel never reports its end), or the front stops.
                end(descriptor, unused);
                return;
            }
            FrontConnection served = new FrontConnection(this, connection, unused, channel);
            connections.add(served);
            served.serve(engine, unused.rest());
        } catch (ChannelException e) {
            LOG.debug("the client of connection {} has gone", connection.id(), e);
            end(descriptor, unused);
        }
    }

    /** Ends a connection for the monitor too. */
    private void end(int descriptor, UnusedBytes unused) {
        load.decrementAndGet();
        Socket socket = new Socket(descriptor);
        try {
            socket.shutdown(true, true);
        } catch (IOException | NotYetConnectedException e) {
            LOG.debug("descriptor {} was shut down already", descriptor, e);
        }
        close(socket);
        unused.close();
    }

    static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.warn("Cannot close descriptor {}", socket.intValue(), e);
        }
    }

    Executor monitorLoop() {
        return monitorLoop;
    }

    void left(FrontConnection connection) {
        connections.remove(connection);
        load.decrementAndGet();
        closeFormer();
        if (drained != null && connections.isEmpty()) {
            drained.complete(null);
        }
    }

    /**
     * Begins to give all connections back, each when its request in flight is answered.
     *
     * @return completed after the last
     */
    CompletableFuture<Void> drain() {
        return loop.submit(() -> {
                    drained = new CompletableFuture<>();
                    List.copyOf(connections).forEach(FrontConnection::release);
                    if (connections.isEmpty()) {
                        drained.complete(null);
                    }
                    return drained;
                })
                .syncUninterruptibly()
                .getNow();
    }

    /** The number of connections that have not left, when those that could leave at once have. */
    int undrained() {
        return loop.submit(connections::size).syncUninterruptibly().getNow();
    }

    /**
     * Cuts the remaining connections, and returns when they are cut: the end of the loop would only close their
     * descriptors here, and leave them to nobody.
     */
    void close() {
        loop.submit(() -> {
                    if (engine != null) {
                        engine.close();
                    }
                    List.copyOf(former).forEach(HttpEngine::close);
                })
                .syncUninterruptibly();
    }
}
