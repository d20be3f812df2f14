package org.handoff.http;

import org.osgi.annotation.versioning.ConsumerType;

/** Answers requests without a thread of its own: begins in the call, and goes on by later events. */
@ConsumerType
@FunctionalInterface
public interface StreamingHandler {

    /**
     * Takes a request. Called on the engine's event loop, so it must not wait.
     *
     * @param request the request with its body; the handler closes it, at last when its response has ended
     * @param response ended by the handler, now or later, on the same event loop
     */
    void handle(StreamedRequest request, StreamedResponse response);
}
