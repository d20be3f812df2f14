package org.handoff.worker.pool.internal.worker;

import java.util.Map;

import org.handoff.monitor.api.Connection;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.supervision.WorkerState;

/** What the pool hears of a Java worker, on the event loop. */
public interface WorkerSupervisor {

    /** It is ready. @param failures the reason why not, by the number of the handler, of those it cannot serve */
    void ready(WorkerHandle worker, Map<Integer, String> failures);

    /** Something has changed for the better: it may take a connection that it could not take before. */
    void capacityFreed(WorkerHandle worker);

    /**
     * It could not take a connection.
     *
     * @param again whether another worker could not take it before: it is not passed around any further then
     */
    void notTaken(Connection connection, boolean again);

    /** It begins no other request. */
    void quotaReached(WorkerHandle worker);

    /** It is to end, by a signal, and serves until it is replaced. */
    void leaving(WorkerHandle worker);

    /** What the pool acts by, now. */
    PoolPolicy policy();

    /** It has ended. @param stateBefore its state until then */
    void exited(WorkerHandle worker, WorkerState stateBefore);
}
