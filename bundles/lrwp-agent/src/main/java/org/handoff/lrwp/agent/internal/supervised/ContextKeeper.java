package org.handoff.lrwp.agent.internal.supervised;

import org.handoff.lrwp.agent.internal.config.LrwpSettings;

/** Who has the contexts that pools want. On the agent's loop, but for the settings. */
public interface ContextKeeper {

    /** As they are now. Any thread may call it. */
    LrwpSettings settings();

    /** Keeps a context, for any host, for a pool. */
    SupervisedContext keep(String name, SupervisedGroup pool);

    /** A pool does not know any more when a process is going to serve: see {@link SupervisedGroup#isUnavailable}. */
    void unavailable();

    /** A pool's processes start again. */
    void available();
}
