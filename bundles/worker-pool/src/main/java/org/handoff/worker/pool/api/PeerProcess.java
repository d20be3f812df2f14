package org.handoff.worker.pool.api;

import java.time.Duration;

import org.osgi.annotation.versioning.ConsumerType;

/** A process that a {@link PeerAgent} has started, and its peers. Any thread may call it; nothing here blocks. */
@ConsumerType
public interface PeerProcess {

    /** The process itself: to read its output, and to wait for its end. */
    Process process();

    /** The number of its registered and connected peers. */
    int connections();

    /** The number of its peers that answer a request. */
    int busy();

    /** The number of requests that wait for a peer of its contexts. */
    int waiting();

    /** The number of requests given to it. */
    long requests();

    /** Takes its peers out of service, so that they get no requests and stay connected; or puts them back. */
    void setOff(boolean off);

    /**
     * Lets its peers get more requests than the process was started with, as no other process can take its place; or
     * ends that.
     */
    void setExceeding(boolean exceeding);

    /**
     * Retires the process: its peers get no further request, and when they have answered those they have, SIGTERM ends
     * the process.
     *
     * @param longest the time after which it is killed in any case
     */
    void retire(Duration longest);

    /** Kills the process and its descendants at once. */
    void kill();
}
