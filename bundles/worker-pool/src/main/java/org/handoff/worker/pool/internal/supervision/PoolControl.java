package org.handoff.worker.pool.internal.supervision;

import java.util.List;

import org.handoff.worker.pool.internal.config.PoolPolicy;

/**
 * The workers of a pool, of one kind, for commands and the configuration. On the event loop only.
 *
 * @param <M> the kind
 */
public interface PoolControl<M extends PoolWorker> {

    /** Takes a changed policy. */
    void configure(PoolPolicy changed);

    /** The wanted number of workers. */
    int size();

    /** The number of connections or requests that wait for a worker. */
    int waiting();

    /** The problem of the pool; empty for none. */
    String problem();

    /** All workers that have not exited, the oldest first. */
    List<M> workers();

    /** Reports of workers that have ended, the oldest first; only the latest. */
    List<WorkerReport> past();

    /**
     * Replaces a worker by a new one, which is ready before it goes; several workers one after the other, or in a big
     * pool a tenth at a time.
     *
     * @return false if it does not serve, or is about to be replaced anyway
     */
    boolean recycle(M worker);

    /** Abandons all workers: they finish their requests and exit. */
    void close();
}
