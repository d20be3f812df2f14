package org.handoff.lrwp.agent.api;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A response that can leave its request to another receiver of the front when no peer is left to answer it. Other
 * responses fail with 503.
 */
@ConsumerType
public interface FallingThrough {

    /** No peer answers the request, and no byte was or will be sent. Called on the agent's loop. */
    void fallThrough();
}
