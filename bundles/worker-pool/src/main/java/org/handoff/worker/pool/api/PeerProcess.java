package org.handoff.worker.pool.api;

import java.time.Duration;

import org.osgi.annotation.versioning.ConsumerType;

/** A process that a {@link PeerAgent} has started, and its peers. Any thread may call it; nothing here blocks. */
@ConsumerType
public interface PeerProcess {

    /** The process itself: to read its output, and to wait for its end. */
    Process process();

    /** How many peers it has registered that are still connected. */
    int connections();

    /** How many of them answer a request. */
    int busy();

    /** How many requests wait for a peer of the contexts that it has registered. */
    int waiting();

    /** How many requests it was given. */
    long requests();

    /** Takes its peers out of service, so that they get no requests and stay connected; or puts them back. */
    void setOff(boolean off);

    /** Lets its peers get more requests than the process was started with, as nobody can take its place; or no more. */
    void setExceeding(boolean exceeding);

    /**
     * Lets it finish: its peers get no further request, and when they have answered those they have, the process is
     * ended by SIGTERM.
     *
     * @param longest after which it is killed, whatever it does
     */
    void retire(Duration longest);

    /** Ends it, and all processes that it has started, at once. */
    void kill();
}
