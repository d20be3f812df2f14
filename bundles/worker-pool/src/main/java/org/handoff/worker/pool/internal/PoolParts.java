package org.handoff.worker.pool.internal;

/** A pool of one kind, with all that belongs to it; it works from its making on. For one thread at a time. */
interface PoolParts {

    /** To be called on the monitor's loop only. */
    Staff<?> staff();

    /** Takes changed settings, without loss. */
    void configure(PoolSettings changed);

    /** Ends it all; the workers finish what they have, and exit. */
    void stop();
}
