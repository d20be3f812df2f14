package org.handoff.worker.pool.api;

import java.io.IOException;
import java.time.Duration;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * The processes of one pool, and the contexts that are theirs: the one that they are told to register, and those that
 * they have registered. Any thread may call it; only {@link #start} blocks.
 */
@ConsumerType
public interface PeerGroup {

    /**
     * Starts a process. Its environment is told where to connect: {@code HANDOFF_LRWP_HOST}, {@code HANDOFF_LRWP_PORT},
     * and in {@code HANDOFF_LRWP_TIMEOUT} within how many seconds a request has to be answered. Blocks for as long as
     * that takes.
     *
     * @param maxRequests how many requests it gets, and no more; 0 for any number
     * @param changed called when a peer has come or gone, when the last of {@code maxRequests} has begun, and when the
     *        process has ended; on any thread, even before this method returns, and must not block
     * @return the process; the caller ends it by {@link PeerProcess#retire} or {@link PeerProcess#kill}
     * @throws IOException if it cannot be started, or peers cannot connect
     */
    PeerProcess start(ProcessBuilder program, long maxRequests, Runnable changed) throws IOException;

    /**
     * No process serves, and nobody knows whether waiting helps: requests are answered 503 at once.
     *
     * @param problem what is wrong, for people
     * @param retry what clients are told to wait, from now on
     */
    void unavailable(String problem, Duration retry);

    /** A process serves, or is about to: requests wait for it. So it is from the beginning. */
    void available();

    /** Gives the contexts up; those that processes serve stay for as long as these do. */
    void close();
}
