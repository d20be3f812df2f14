package org.handoff.lrwp.agent.internal.supervised;

/** A peer of a process that the agent has started. On the agent's loop. */
public interface SupervisedPeer {

    /** What it serves. */
    SupervisedContext context();

    /** Ends its connection. */
    void close();
}
