package org.handoff.lrwp.agent.internal.application;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A source of requests, which has to know the served contexts. */
public interface Front {

    /**
     * The applications in service have changed. Called on the agent's loop; must not block.
     *
     * @return completed when requests for them come
     */
    CompletableFuture<?> publish(List<Application> applications);

    /** The reason why it brings no requests for an application; empty if it does. Any thread may call it. */
    String problem(Application application);
}
