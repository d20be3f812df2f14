package org.handoff.worker.pool.internal.dispatch;

import java.util.Map;

import org.handoff.worker.pool.internal.plan.Generation;

/** Decides about generations. Called on the event loop; must not block. */
public interface Roller {

    /**
     * The first worker of a new generation is ready.
     *
     * @param failures the reasons for the handlers that it cannot serve, by their numbers
     * @return whether the generation is to replace the present one
     */
    boolean accepts(Generation next, Map<Integer, String> failures);

    /** A worker of a new generation ended before it was ready. */
    void startFailed(Generation next, String reason);

    /**
     * Workers of a new generation ended before one was ready, or did not get ready in time, and the pool has given it
     * up.
     *
     * @param pauseNanos the shortest time before the next attempt
     */
    void crashes(Generation next, String reason, long pauseNanos);

    /** The problem of the present generation's workers has changed; empty for none. */
    void problem(String problem);
}
