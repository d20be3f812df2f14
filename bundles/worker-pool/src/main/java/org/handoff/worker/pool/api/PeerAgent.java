package org.handoff.worker.pool.api;

import java.io.IOException;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Starts processes that connect back to it as peers, and brings them their requests: the LRWP agent, for the pools that
 * supervise such processes. Any thread may call it.
 *
 * <p>A peer belongs to the process that made its connection, or to the process that started that one: the program needs
 * to know nothing of its supervision. When the agent goes, it ends the processes.
 */
@ConsumerType
public interface PeerAgent {

    /** Whether peers can connect now; while they cannot, there is no sense in starting them. */
    boolean isListening();

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
}
