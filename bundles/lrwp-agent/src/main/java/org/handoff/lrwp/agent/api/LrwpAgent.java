package org.handoff.lrwp.agent.api;

import java.util.Collection;
import java.util.concurrent.Executor;

import org.handoff.http.StreamedRequest;
import org.handoff.http.StreamedResponse;
import org.handoff.http.limits.MemoryBudget;
import org.osgi.annotation.versioning.ProviderType;

/** The agent, for fronts that bring it requests from other sources than the monitor. Any thread may call it. */
@ProviderType
public interface LrwpAgent {

    /**
     * Whether peers serve a path now.
     *
     * @param host the request's host without port, in lower case; empty for none
     * @param path the decoded path without dot segments
     */
    boolean serves(String host, String path);

    /**
     * Lets a peer answer a request. If no peer serves its path any more, the response fails with 503, or falls through
     * if it is a {@link FallingThrough}.
     *
     * @param request closed by the agent when it is not needed any more
     * @param response called on {@link #loop} only
     */
    void submit(StreamedRequest request, StreamedResponse response);

    /**
     * Sets the contexts that never reach peers at a front: {@code lrwp:contexts} names their owners beside peers'
     * contexts that lie within.
     *
     * @param front the front's name, for people
     * @param contexts all of them, in place of the former ones
     */
    void claimed(String front, Collection<ClaimedContext> contexts);

    /**
     * The memory for peers and all clients together. A changed configuration replaces it; memory counted in the former
     * one is given back there.
     */
    MemoryBudget memory();

    /** The agent's event loop, on which a response's {@link StreamedResponse.Listener} is to be called. */
    Executor loop();
}
