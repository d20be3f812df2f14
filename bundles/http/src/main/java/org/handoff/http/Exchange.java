package org.handoff.http;

import java.io.IOException;
import java.net.InetSocketAddress;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request and its response, on the handler's thread. */
final class Exchange implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final RequestHead head;
    private final Router.Route route;
    private final RequestBody body;
    private final InetSocketAddress client;
    private final HandlerResponse response;
    private final Runnable abort;

    Exchange(RequestHead head, Router.Route route, RequestBody body, InetSocketAddress client,
            HandlerResponse response, Runnable abort) {
        this.head = head;
        this.route = route;
        this.body = body;
        this.client = client;
        this.response = response;
        this.abort = abort;
    }

    @Override
    public void run() {
        try (RequestBody closing = body) {
            route.handler().handle(new ReceivedRequest(head, route.context(), body.length(), body.open(), client),
                    response);
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
        LOG.error("The handler of {} failed at {} {}", route.context(), head.request().method(),
                head.target().path(), cause);
        boolean answered = false;
        try {
            answered = response.fail();
        } catch (IOException e) {
            LOG.debug("The failure could not be answered", e);
        }
        if (!answered) {
            abort.run();
        }
    }

    /** Gives back what a request holds that no handler will see. */
    void drop() {
        try {
            body.close();
        } catch (IOException e) {
            LOG.warn("A request's body could not be closed", e);
        }
    }
}
