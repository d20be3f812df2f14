package org.handoff.worker.pool.internal;

import java.util.concurrent.CompletableFuture;

import org.handoff.worker.pool.internal.config.PoolSettings;
import org.handoff.worker.pool.internal.supervision.PoolControl;

/** A pool of one kind, with all its parts; it works from its construction on. For one thread at a time. */
public interface PoolRuntime {

    /** To be called on the monitor's loop only. */
    PoolControl<?> control();

    /** What the pool's configuration asks for, and there is not, for people; empty for nothing. On any thread. */
    default String missing() {
        return "";
    }

    /** Takes changed settings, without loss. */
    void configure(PoolSettings changed);

    /**
     * Makes a new generation of workers.
     *
     * @return the outcome, once it is known; fails with the reason if the generation does not serve
     * @throws IllegalArgumentException if the workers have no generations
     */
    default CompletableFuture<String> roll() {
        throw new IllegalArgumentException(
                "the workers of this pool have no generations; worker:recycle replaces them");
    }

    /** Ends the pool; the workers finish their requests, and exit. */
    void stop();
}
