package org.handoff.worker.pool.api;

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
     * Keeps a context for a pool, from now on: it is no other peer's, and nobody who asks for it is told that there is
     * none, whether or not the pool has a process.
     *
     * @param pool the pool's name, for people
     * @param name what the pool tells its processes to register, without a leading slash
     * @return the pool's; it ends with {@link PeerGroup#close}
     */
    PeerGroup group(String pool, String name);
}
