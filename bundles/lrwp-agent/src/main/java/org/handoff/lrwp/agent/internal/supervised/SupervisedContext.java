package org.handoff.lrwp.agent.internal.supervised;

/** A context as the pools see it whose processes serve it, or for which it is kept. On the agent's loop. */
public interface SupervisedContext {

    /** How many requests wait. */
    int waiting();

    /** Lets free peers take what waits. */
    void dispatch();

    /** Is there no longer than its peers, as far as that pool is concerned. */
    void keepNoMore(SupervisedGroup pool);
}
