package org.handoff.worker.pool.internal.supervision;

import java.util.List;

import org.handoff.worker.pool.internal.config.PoolPolicy;

/**
 * The workers of a pool, of one kind: what commands and the configuration have to do with them. On the event loop only.
 *
 * @param <M> the kind
 */
public interface PoolControl<M extends PoolWorker> {

    /** Takes a changed policy. */
    void configure(PoolPolicy changed);

    /** How many workers it is to have. */
    int size();

    /** How many connections or requests wait for a worker. */
    int waiting();

    /** What is wrong with the pool; empty for nothing. */
    String problem();

    /** All workers that have not exited, the oldest first. */
    List<M> workers();

    /** Reports of workers that have ended, the oldest first; only the latest. */
    List<WorkerReport> past();

    /**
     * Has a worker replaced by a new one, which is ready before it goes; of several workers one after the other, or
     * of a big pool a tenth at a time.
     *
     * @return false if it does not serve, or is about to be replaced anyway
     */
    boolean recycle(M worker);

    /** Lets go of all workers: they finish what they hold and exit. */
    void close();
}
