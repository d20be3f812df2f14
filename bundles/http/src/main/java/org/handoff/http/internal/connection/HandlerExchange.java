package org.handoff.http.internal.connection;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicReference;

import org.handoff.http.Durability;
import org.handoff.http.Router;
import org.handoff.http.internal.head.RequestHead;
import org.handoff.http.internal.request.ReceivedRequest;
import org.handoff.http.internal.request.RequestBody;
import org.handoff.http.internal.response.HandlerResponse;
import org.handoff.http.limits.HttpLimits;
import org.handoff.worker.api.HttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request whose handler answers on the handlers' thread. Until the handler begins, the event loop may take the
 * request back.
 */
final class HandlerExchange implements Exchange, Runnable {

    private enum Phase {
        WAITING,
        BEGUN,
        CANCELLED
    }

    private static final Logger LOG = LoggerFactory.getLogger(HandlerExchange.class);

    private final RequestHead head;
    private final Router.Route route;
    private final RequestBody body;
    private final InetSocketAddress client;
    private final HandlerResponse response;
    private final ServerConnection connection;
    private final Durability durability;
    private final HttpLimits limits;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.WAITING);
    /** Used on the event loop only. */
    private boolean inputEnded;

    HandlerExchange(
            RequestHead head,
            Router.Route route,
            RequestBody body,
            InetSocketAddress client,
            HandlerResponse response,
            ServerConnection connection,
            Durability durability,
            HttpLimits limits) {
        this.head = head;
        this.route = route;
        this.body = body;
        this.client = client;
        this.response = response;
        this.connection = connection;
        this.durability = durability;
        this.limits = limits;
    }

    @Override
    public void run() {
        if (!phase.compareAndSet(Phase.WAITING, Phase.BEGUN)) {
            return;
        }
        if (!durability.begins()) {
            phase.set(Phase.WAITING);
            connection.notBegun();
            return;
        }
        try (body;
                ReceivedRequest request =
                        new ReceivedRequest(head, route.context(), body.length(), body.open(), client, limits)) {
            route.handler().handle(request, response);
            response.finish();
            if (response.later() != null) {
                // The client may have left when there was no such response yet.
                connection.execute(this::tellInputEnded);
            }
        } catch (Throwable e) {
            // An error too ends this request only: the worker lives on, and the log has the error.
            fail(e);
        }
    }

    private void fail(Throwable cause) {
        if (cause instanceof IOException && response.clientHasGone()) {
            LOG.debug("The client of a request of {} has gone", route.context(), cause);
            response.abandon();
            if (response.later() != null) {
                response.later().cancel();
            }
            return;
        }
        boolean answered = false;
        try {
            if (cause instanceof HttpException refusal) {
                LOG.debug("The handler of {} refused a request", route.context(), cause);
                answered = response.fail(refusal.status());
            }
            if (!answered) {
                log(cause);
                answered = response.fail(500);
            }
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

    @Override
    public boolean isHead() {
        return head.isHead();
    }

    /** The handler is done with the request, unless it answers later; a slow client is no reason to keep it. */
    @Override
    public boolean outlivesAnswer() {
        return response.later() != null;
    }

    /** A handler that runs is not interrupted. */
    @Override
    public void inputEnded() {
        inputEnded = true;
        tellInputEnded();
    }

    private void tellInputEnded() {
        if (inputEnded && response.later() != null) {
            response.later().inputEnded();
        }
    }

    /** A running handler's further writes fail. */
    @Override
    public void gone() {
        if (response.later() != null) {
            response.later().gone();
        }
    }

    @Override
    public boolean cancel() {
        if (!phase.compareAndSet(Phase.WAITING, Phase.CANCELLED)) {
            return phase.get() == Phase.CANCELLED;
        }
        try {
            body.close();
        } catch (IOException e) {
            LOG.warn("Cannot close the body of a request", e);
        }
        return true;
    }
}
