package org.handoff.worker.pool.internal;

import java.util.concurrent.CompletableFuture;

import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.supervision.PoolControl;

/** A pool of one kind, with all that belongs to it; it works from its making on. For one thread at a time. */
public interface PoolRuntime {

    /** To be called on the monitor's loop only. */
    PoolControl<?> staff();

    /** Takes changed settings, without loss. */
    void configure(PoolSettings changed);

    /**
     * Makes a new generation of workers.
     *
     * @return what has become of it, once that is known; fails with the reason where it does not serve
     * @throws IllegalArgumentException if the workers have no generations
     */
    default CompletableFuture<String> roll() {
        throw new IllegalArgumentException(
                "the workers of this pool have no generations; worker:recycle replaces them");
    }

    /** Ends it all; the workers finish what they have, and exit. */
    void stop();
}
