package org.handoff.http.internal.connection;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import io.netty.channel.Channel;
import org.handoff.http.Durability;
import org.handoff.http.Router;
import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.internal.request.CollectedRequest;
import org.handoff.http.internal.request.RequestBody;
import org.handoff.http.internal.request.RequestReader;
import org.handoff.http.internal.response.AsyncResponses;
import org.handoff.http.internal.response.EventLoopResponse;
import org.handoff.http.internal.response.GuardedTasks;
import org.handoff.http.internal.response.HandlerResponse;
import org.handoff.http.internal.response.ResponseWriter;
import org.handoff.http.limits.HttpLimits;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives the complete requests of one connection to their handlers. On the event loop only. */
final class Dispatcher {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final InetSocketAddress UNKNOWN = InetSocketAddress.createUnresolved("unknown", 0);

    private final ServerConnection connection;
    private final Channel channel;
    private final Durability durability;
    private final ConnectionState state;
    private final GuardedTasks tasks;
    private final ResponseWriter responses;
    private final HttpLimits limits;
    private final Executor handlers;
    private final AsyncResponses asynchronous;
    private InetSocketAddress client;

    Dispatcher(
            ServerConnection connection,
            Channel channel,
            Durability durability,
            ConnectionState state,
            GuardedTasks tasks,
            ResponseWriter responses,
            HttpLimits limits,
            ServedConnections engine) {
        this.connection = connection;
        this.channel = channel;
        this.durability = durability;
        this.state = state;
        this.tasks = tasks;
        this.responses = responses;
        this.limits = limits;
        handlers = engine.handlers();
        asynchronous = engine.asynchronous();
    }

    /** Called when the channel is registered, and knows its client. */
    void begin() {
        client = address(channel.remoteAddress());
    }

    private static InetSocketAddress address(SocketAddress address) {
        return address instanceof InetSocketAddress inet ? inet : UNKNOWN;
    }

    /**
     * Gives a request to its handler.
     *
     * @param complete the reader of the request
     * @return false if the request was taken back
     * @throws IOException if its body was not kept
     */
    boolean dispatch(RequestReader complete) throws IOException {
        RequestHead head = complete.head();
        Router.Route route = complete.route();
        RequestBody body = complete.takeBody();
        if (body.isElsewhere()) {
            body.found(durability.body(body.length()));
        }
        if (route.streaming() != null) {
            stream(head, route, body);
            return true;
        }
        return enqueue(head, route, body);
    }

    private boolean enqueue(RequestHead head, Router.Route route, RequestBody body) {
        HandlerResponse response = new HandlerResponse(
                responses,
                channel.alloc(),
                head,
                asynchronous.options(),
                () -> asynchronous.begin(connection, tasks, responses, channel.alloc(), head));
        HandlerExchange next = new HandlerExchange(head, route, body, client, response, connection, durability, limits);
        state.handle(next);
        state.tellInputEnded();
        try {
            handlers.execute(next);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.warn("No thread takes a request of {}", route.context(), e);
            next.cancel();
            return false;
        }
    }

    private void stream(RequestHead head, Router.Route route, RequestBody body) {
        CollectedRequest request = new CollectedRequest(head, body, client, address(channel.localAddress()));
        EventLoopResponse response = new EventLoopResponse(connection, tasks, responses, channel.alloc(), head);
        StreamedExchange next = new StreamedExchange(route, request, response);
        state.handle(next);
        next.begin();
        state.tellInputEnded();
    }
}
