package org.handoff.lrwp.agent.api;

import java.util.Collection;
import java.util.concurrent.Executor;

import org.handoff.http.StreamedRequest;
import org.handoff.http.StreamedResponse;
import org.handoff.http.limits.MemoryBudget;
import org.osgi.annotation.versioning.ProviderType;

/** The agent, for fronts that bring it requests from elsewhere than the monitor. Any thread may call it. */
@ProviderType
public interface LrwpAgent {

    /**
     * Whether peers serve a path now.
     *
     * @param host the request's host without port, in lower case; empty where it has none
     * @param path the decoded path without dot segments
     */
    boolean serves(String host, String path);

    /**
     * Has a peer answer a request. Where no peer serves its path any more, the response fails with 503, or falls
     * through if it is {@link FallingThrough} too.
     *
     * @param request closed by the agent when it needs it no more
     * @param response called on {@link #loop} only
     */
    void submit(StreamedRequest request, StreamedResponse response);

    /**
     * The contexts that never come to peers at a front: {@code lrwp:contexts} names their owners beside peers' contexts
     * that lie within.
     *
     * @param front where, for people
     * @param contexts all of them, in place of those that were told before
     */
    void claimed(String front, Collection<ClaimedContext> contexts);

    /**
     * The memory that peers and all clients may fill together. After a change of the configuration it is another one;
     * what was counted in the former one is given back there.
     */
    MemoryBudget memory();

    /** The agent's event loop: where a response's {@link StreamedResponse.Listener} is to be called. */
    Executor loop();
}
