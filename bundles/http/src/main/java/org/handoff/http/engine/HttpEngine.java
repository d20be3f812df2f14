package org.handoff.http.engine;

import java.util.Objects;
import java.util.concurrent.Executor;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import org.handoff.http.Durability;
import org.handoff.http.FileInput;
import org.handoff.http.HttpConnection;
import org.handoff.http.Router;
import org.handoff.http.internal.connection.ServedConnections;
import org.handoff.http.limits.HandlerOptions;
import org.handoff.http.limits.HttpLimits;
import org.handoff.http.limits.MemoryBudget;

/**
 * Serves HTTP/1.0 and HTTP/1.1 on given connections. One event loop does all input and output, and an executor's thread
 * runs the handlers; neither waits for a client.
 */
public final class HttpEngine implements AutoCloseable {

    private final ServedConnections connections;

    /**
     * Makes an engine, which begins to watch the time.
     *
     * @param loop the loop of all its connections; the engine does not end it
     * @param limits the limits for one client
     * @param memory the memory for all its connections, maybe shared with other engines
     * @param router finds the handlers
     * @param handlers calls the handlers, one at a time and in order; the engine does not end it. A request that it
     *        rejects is answered 503
     */
    public HttpEngine(EventLoop loop, HttpLimits limits, MemoryBudget memory, Router router, Executor handlers) {
        this(loop, limits, HandlerOptions.defaults(), memory, router, handlers);
    }

    /**
     * Makes an engine for handlers with options.
     *
     * @param loop as for the other constructor, like all parameters but this one:
     * @param options what the server does with the responses of handlers that have a thread
     */
    public HttpEngine(
            EventLoop loop,
            HttpLimits limits,
            HandlerOptions options,
            MemoryBudget memory,
            Router router,
            Executor handlers) {
        connections = new ServedConnections(
                Objects.requireNonNull(loop, "loop"),
                Objects.requireNonNull(limits, "limits"),
                Objects.requireNonNull(options, "options"),
                Objects.requireNonNull(memory, "memory"),
                Objects.requireNonNull(router, "router"),
                Objects.requireNonNull(handlers, "handlers"));
    }

    /** Routes by another router from the next request on. Any thread may call it. */
    public void router(Router next) {
        connections.router(Objects.requireNonNull(next, "next"));
    }

    /**
     * Serves a connection. Call it on the event loop.
     *
     * @param channel the connected channel: registered with the engine's loop, or with none, in which case the engine
     *        registers it. While it is served only the engine may read, write or configure it
     * @param received the bytes already read from the connection, maybe none; the engine releases them
     * @param owner is told of states and of the end
     * @return the connection, idle
     * @throws IllegalStateException if the engine is closed, or the call does not come on its loop or the channel is
     *        another loop's; channel and buffer are the caller's then
     */
    public HttpConnection serve(Channel channel, ByteBuf received, HttpConnection.Owner owner) {
        return serve(channel, null, received, owner, Durability.NONE);
    }

    /**
     * Serves a connection of which a file has the first bytes.
     *
     * @param channel as for {@link #serve(Channel, ByteBuf, HttpConnection.Owner)}
     * @param earlier the first bytes, read again from the file in pieces, or null; to be readable until the owner hears
     *        of the end
     * @param received the bytes read after those, maybe none; the engine releases them
     * @param owner is told of states and of the end
     * @return the connection, idle
     * @throws IllegalStateException as there
     */
    public HttpConnection serve(Channel channel, FileInput earlier, ByteBuf received, HttpConnection.Owner owner) {
        return serve(channel, earlier, received, owner, Durability.NONE);
    }

    /**
     * Serves a connection that must not be lost with this process.
     *
     * @param channel as for {@link #serve(Channel, ByteBuf, HttpConnection.Owner)}
     * @param earlier as for {@link #serve(Channel, FileInput, ByteBuf, HttpConnection.Owner)}
     * @param received the bytes read after those, maybe none; the engine releases them
     * @param owner is told of states and of the end
     * @param durability is told of each step before it is done
     * @return the connection, idle
     * @throws IllegalStateException as there
     */
    public HttpConnection serve(
            Channel channel, FileInput earlier, ByteBuf received, HttpConnection.Owner owner, Durability durability) {
        return connections.serve(channel, earlier, received, owner, durability);
    }

    /**
     * Ends all asynchronous responses as at the end of their time: those that have not begun with the status for that,
     * streams of events in order. On the event loop.
     */
    public void endAsynchronous() {
        connections.endAsynchronous();
    }

    /**
     * Stops watching the time and cuts the remaining connections; {@link HttpConnection#release} them before. Any
     * thread may call it.
     */
    @Override
    public void close() {
        connections.close();
    }
}
