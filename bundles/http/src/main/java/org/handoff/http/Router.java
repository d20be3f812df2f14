package org.handoff.http;

import org.handoff.http.routing.RequestTarget;
import org.handoff.worker.api.Handler;
import org.osgi.annotation.versioning.ConsumerType;

/** Finds the handler of a request. Called on the event loop, so it must not wait. */
@ConsumerType
@FunctionalInterface
public interface Router {

    /**
     * A handler and the context by which it was found. One of the two handlers is null.
     *
     * @param context the context that matched, {@code /} for the root context
     * @param handler answers the request on the handlers' thread
     * @param streaming answers the request on the event loop
     */
    record Route(String context, Handler handler, StreamingHandler streaming) {

        /** A route to a handler with a thread. */
        public Route(String context, Handler handler) {
            this(context, handler, null);
        }
    }

    /**
     * Finds the handler of a request.
     *
     * @param target the request's target
     * @return the handler, or null if the request is not this engine's: its connection is then released with the
     *        request unread, for {@link HttpConnection.Reason#FOREIGN}
     */
    Route route(RequestTarget target);
}
