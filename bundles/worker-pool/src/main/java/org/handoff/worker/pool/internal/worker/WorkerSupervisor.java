package org.handoff.worker.pool.internal.worker;

import java.util.Map;

import org.handoff.monitor.api.Connection;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.supervision.WorkerState;

/** The pool, as told of events of a worker, on the event loop. */
public interface WorkerSupervisor {

    /**
     * The reason for which a worker that is ready is to be ended in place of serving, or null.
     *
     * @param failures as for {@link #ready}
     */
    String refusal(WorkerHandle worker, Map<Integer, String> failures);

    /** The worker is ready. @param failures the reasons for the handlers that it cannot serve, by their numbers */
    void ready(WorkerHandle worker, Map<Integer, String> failures);

    /** The worker may be able to take a connection that it could not take before. */
    void capacityFreed(WorkerHandle worker);

    /**
     * The worker could not take a connection.
     *
     * @param again whether another worker could not take it before: then it is not passed around any further
     */
    void notTaken(Connection connection, boolean again);

    /** The worker begins no further request. */
    void quotaReached(WorkerHandle worker);

    /** SIGTERM has come to the worker, which serves until it is replaced. */
    void leaving(WorkerHandle worker);

    /** The present policy. */
    PoolPolicy policy();

    /** The worker has ended. @param stateBefore its state until then */
    void exited(WorkerHandle worker, WorkerState stateBefore);
}
