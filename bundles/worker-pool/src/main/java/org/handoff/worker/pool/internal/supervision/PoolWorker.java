package org.handoff.worker.pool.internal.supervision;

import java.util.concurrent.CompletableFuture;

/** One worker of a pool, whatever its process speaks. On the event loop only. */
public interface PoolWorker {

    String id();

    long pid();

    /** The state for people. */
    String shownState();

    /** Itself and its state, for people. */
    default String describe() {
        return id() + ", which is " + shownState();
    }

    /** Whether it is ready and not on its way out: on, or off until somebody turns it on. */
    boolean isInService();

    Lifetime lifetime();

    int connections();

    /** How many it has answered; still known after its end. */
    long requests();

    long ageNanos();

    /** The memory it has now, with the processes it has started; -1 if it has just gone. */
    long residentBytes();

    /** How long it was ready, or 0 if it never was. */
    long readyNanos();

    /** How long it has not been seen to do anything for a client. */
    long idleNanos(long now);

    /** Whether there is a request or a response on one of its connections; costs a look at each of them. */
    boolean isBusy();

    /** Everything about it, now. @param end how it ended, or empty */
    WorkerReport report(String pool, String end);

    /** Takes it out of service. @return false if it is neither on nor off */
    boolean off();

    /** Puts it back into service. @return false if it is neither on nor off */
    boolean on();

    /** Lets it finish what it has, and end. */
    void retire();

    /** Ends the process at once, because somebody says so. */
    void killByCommand();

    /**
     * Has it write a thread dump to its output, which is in Karaf's log.
     *
     * @return completed on the loop when it is written; exceptionally if the worker ends before
     * @throws IllegalArgumentException if it cannot, as it is now or at all
     */
    CompletableFuture<Void> dump();
}
