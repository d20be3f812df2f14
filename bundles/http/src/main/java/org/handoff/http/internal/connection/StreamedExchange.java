package org.handoff.http.internal.connection;

import org.handoff.http.Router;
import org.handoff.http.internal.request.CollectedRequest;
import org.handoff.http.internal.response.EventLoopResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request whose handler answers on the event loop. */
final class StreamedExchange implements Exchange {

    private static final Logger LOG = LoggerFactory.getLogger(StreamedExchange.class);

    private final Router.Route route;
    private final CollectedRequest request;
    private final EventLoopResponse response;

    StreamedExchange(Router.Route route, CollectedRequest request, EventLoopResponse response) {
        this.route = route;
        this.request = request;
        this.response = response;
    }

    /** Calls the handler, which goes on later. */
    void begin() {
        try {
            route.streaming().handle(request, response);
        } catch (RuntimeException e) {
            LOG.error("The handler of {} failed at {} {}", route.context(), request.method(), request.path(), e);
            request.close();
            response.fail(500);
        }
    }

    /** The handler is called as soon as the request is complete. */
    @Override
    public boolean cancel() {
        return false;
    }

    @Override
    public boolean isHead() {
        return request.method().equals("HEAD");
    }

    @Override
    public boolean outlivesAnswer() {
        return true;
    }

    @Override
    public void inputEnded() {
        response.inputEnded();
    }

    @Override
    public void gone() {
        response.gone();
    }
}
