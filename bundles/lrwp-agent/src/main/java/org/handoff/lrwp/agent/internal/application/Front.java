package org.handoff.lrwp.agent.internal.application;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Who brings requests, and has to know what is served. */
public interface Front {

    /**
     * The applications in service have changed. Called on the agent's loop; must not block.
     *
     * @return done when requests for them come
     */
    CompletableFuture<?> publish(List<Application> applications);

    /** Why it brings no requests for an application; empty where it does. Any thread may call it. */
    String problem(Application application);
}
