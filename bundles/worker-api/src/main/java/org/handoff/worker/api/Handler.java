package org.handoff.worker.api;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Answers the requests of a context. Provided as an OSGi service, usually a Declarative Services component:
 *
 * <pre>{@code
 * @Component
 * @HandoffContext("/hello")
 * public class Hello implements Handler {
 *     @Override
 *     public void handle(Request request, Response response) {
 *         response.send("Hello, " + request.client().getHostString());
 *     }
 * }
 * }</pre>
 *
 * <p>Karaf reads the declaration and never activates the component: handlers live in worker processes only.
 *
 * <p><b>Threads:</b> a worker calls its handlers from one thread, one request at a time. A handler needs no locks for
 * what it alone uses; a handler that takes long holds up this worker and no other.
 */
@ConsumerType
@FunctionalInterface
public interface Handler {

    /**
     * Answers one request. The request's body has arrived completely before the call. When the method returns, the
     * response is complete; a handler that sent nothing answered with its status and an empty body. Neither object
     * may be used after the return. A handler that has to wait for something returns at once and answers later: {@link
     * Response#async}, {@link Response#events}.
     *
     * @param request the request, valid until the return
     * @param response the response, valid until the return
     * @throws HttpException where the client is to be answered with its status, which is no failure
     * @throws Exception for any failure: logged once with the worker's id; the client is answered 500 without details,
     *         or, where a part of the response has left already, its connection is closed so that it sees the fault
     */
    void handle(Request request, Response response) throws Exception;
}
