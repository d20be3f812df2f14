package org.handoff.worker.pool.api;

import java.io.IOException;
import java.time.Duration;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The processes of one pool, and their contexts: the one that they are told to register, and those that they have
 * registered. Any thread may call it; only {@link #start} blocks.
 */
@ConsumerType
public interface PeerGroup {

    /**
     * Starts a process. Its environment has the address to connect to, {@code HANDOFF_LRWP_HOST} and {@code
     * HANDOFF_LRWP_PORT}, and the seconds in which a request has to be answered, {@code HANDOFF_LRWP_TIMEOUT}. Blocks
     * meanwhile.
     *
     * @param maxRequests the number of requests that it gets; 0 for any
     * @param changed called when a peer has come or gone, when the last of {@code maxRequests} has begun, and when the
     *        process has ended; on any thread, even before this method returns, and must not block
     * @return the process; the caller ends it by {@link PeerProcess#retire} or {@link PeerProcess#kill}
     * @throws IOException if it cannot be started, or peers cannot connect
     */
    PeerProcess start(ProcessBuilder program, long maxRequests, Runnable changed) throws IOException;

    /**
     * No process serves, and waiting may be in vain: requests are answered 503 at once.
     *
     * @param problem the problem, for people
     * @param retry the time that clients are told to wait, from now on
     */
    void unavailable(String problem, Duration retry);

    /** A process serves, or is about to: requests wait for it. This is the initial state. */
    void available();

    /** Gives the contexts up; contexts served by processes stay as long as the processes. */
    void close();
}
