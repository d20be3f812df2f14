package org.handoff.worker.pool.api;

import java.nio.file.Path;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A pool whose workers keep sessions in Karaf's memory, as a service of the pool. The store of sessions opens a socket
 * for it, to which the pool's workers connect.
 */
@ProviderType
public interface PoolSessions {

    /** The pool's name. */
    String pool();

    /**
     * Where the store has to listen. The folder exists; only Karaf's user and the group of the pool's workers can enter
     * it, so that the socket itself may be open to all.
     */
    Path socket();
}
