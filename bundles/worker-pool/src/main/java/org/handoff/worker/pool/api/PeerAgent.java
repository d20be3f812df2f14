package org.handoff.worker.pool.api;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Starts processes that connect back to it as peers, and brings them their requests: the LRWP agent, for the pools that
 * supervise such processes. Any thread may call it.
 *
 * <p>A peer belongs to the process that made its connection, or to that process's ancestor: the program need not know
 * of its supervision. When the agent goes, it ends the processes.
 */
@ConsumerType
public interface PeerAgent {

    /** Whether peers can connect now; otherwise starting them makes no sense. */
    boolean isListening();

    /**
     * Keeps a context for a pool, from now on: no other peer gets it, and clients are not told that there is none,
     * whether or not the pool has a process.
     *
     * @param pool the pool's name, for people
     * @param name the name that the pool tells its processes to register, without a leading slash
     * @return the pool's group; it ends with {@link PeerGroup#close}
     */
    PeerGroup group(String pool, String name);
}
