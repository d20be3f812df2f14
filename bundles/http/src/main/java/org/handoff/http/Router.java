package org.handoff.http;

import org.handoff.http.routing.RequestTarget;
import org.handoff.worker.api.Handler;
import org.osgi.annotation.versioning.ConsumerType;

/** Says who answers a request. Called on the event loop, so it must not wait. */
@ConsumerType
@FunctionalInterface
public interface Router {

    /**
     * A handler and the context by which it was found.
     *
     * @param context the context that matched, {@code /} for the root context
     * @param handler answers the request
     */
    record Route(String context, Handler handler) {
    }

    /**
     * Finds the handler of a request.
     *
     * @param target what the request asks for
     * @return the handler, or null where the request is not this engine's: its connection is then released with the
     *         request unread, for {@link HttpConnection.Reason#FOREIGN}
     */
    Route route(RequestTarget target);
}
