package org.handoff.lrwp.agent.api;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * What a response may be too: that of a front which can leave a request to somebody else when no peer is left to answer
 * it. Others get 503.
 */
@ConsumerType
public interface FallingThrough {

    /** The request is nobody's: nothing was sent, and nothing is going to be. Called on the agent's loop. */
    void fallThrough();
}
