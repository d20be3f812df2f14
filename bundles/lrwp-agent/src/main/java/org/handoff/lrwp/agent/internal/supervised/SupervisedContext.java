package org.handoff.lrwp.agent.internal.supervised;

/** A context, for the pools whose processes serve it or for which it is kept. On the agent's loop. */
public interface SupervisedContext {

    /** The number of waiting requests. */
    int waiting();

    /** Lets free peers take waiting requests. */
    void dispatch();

    /** Is not kept for this pool any longer, and so may end with its last peer. */
    void keepNoMore(SupervisedGroup pool);
}
