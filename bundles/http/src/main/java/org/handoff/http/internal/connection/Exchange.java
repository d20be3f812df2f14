package org.handoff.http.internal.connection;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicReference;

import org.handoff.http.Router;
import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.internal.request.ReceivedRequest;
import org.handoff.http.internal.request.RequestBody;
import org.handoff.http.internal.response.HandlerResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its response, on the handler's thread. Until that thread comes to it, the event loop may take it
 * back.
 */
final class Exchange implements Runnable {

    private enum Phase {
        WAITING,
        BEGUN,
        CANCELLED
    }

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final RequestHead head;
    private final Router.Route route;
    private final RequestBody body;
    private final InetSocketAddress client;
    private final HandlerResponse response;
    private final ServerConnection connection;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.WAITING);

    Exchange(
            RequestHead head,
            Router.Route route,
            RequestBody body,
            InetSocketAddress client,
            HandlerResponse response,
            ServerConnection connection) {
        this.head = head;
        this.route = route;
        this.body = body;
        this.client = client;
        this.response = response;
        this.connection = connection;
    }

    @Override
    public void run() {
        if (!phase.compareAndSet(Phase.WAITING, Phase.BEGUN)) {
            return;
        }
        if (!connection.begins()) {
            phase.set(Phase.WAITING);
            connection.notBegun();
            return;
        }
        try (body) {
            route.handler()
                    .handle(new ReceivedRequest(head, route.context(), body.length(), body.open(), client), response);
            response.finish();
        } catch (Throwable e) {
            // An error too ends this request only: the worker lives on, and whoever watches it sees the log.
            fail(e);
        }
    }

    private void fail(Throwable cause) {
        if (cause instanceof IOException && response.clientHasGone()) {
            LOG.debug("The client of a request of {} has gone", route.context(), cause);
            response.abandon();
            return;
        }
        boolean answered = false;
        try {
            log(cause);
            answered = response.fail();
        } catch (IOException | RuntimeException e) {
            LOG.debug("The failure could not be answered", e);
        } finally {
            if (!answered) {
                connection.execute(connection::abort);
            }
        }
    }

    private void log(Throwable cause) {
        String method = head.request().method().name();
        String path = head.target().path();
        try {
            LOG.error("The handler of {} failed at {} {}", route.context(), method, path, cause);
        } catch (RuntimeException e) {
            // It is the handler's exception that says what it is.
            LOG.error(
                    "The handler of {} failed at {} {} with {}, which cannot be logged",
                    route.context(),
                    method,
                    path,
                    cause.getClass().getName());
        }
    }

    /**
     * Takes the request back, so that no handler sees it, and gives back what it holds.
     *
     * @return false if the handler has begun
     */
    boolean cancel() {
        if (!phase.compareAndSet(Phase.WAITING, Phase.CANCELLED)) {
            return false;
        }
        try {
            body.close();
        } catch (IOException e) {
            LOG.warn("A request's body could not be closed", e);
        }
        return true;
    }
}
