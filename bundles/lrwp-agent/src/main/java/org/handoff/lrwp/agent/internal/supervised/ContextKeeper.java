package org.handoff.lrwp.agent.internal.supervised;

import org.handoff.lrwp.agent.internal.config.LrwpSettings;

/** The owner of contexts, for the pools that want some. On the agent's loop, but for the settings. */
public interface ContextKeeper {

    /** The present settings. Any thread may call it. */
    LrwpSettings settings();

    /** Keeps a context, for any host, for a pool. */
    SupervisedContext keep(String name, SupervisedGroup pool);

    /** A pool cannot tell any more when a process will serve: see {@link SupervisedGroup#isUnavailable}. */
    void unavailable();

    /** A pool's processes start again. */
    void available();
}
