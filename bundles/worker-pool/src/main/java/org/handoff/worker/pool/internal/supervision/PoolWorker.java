package org.handoff.worker.pool.internal.supervision;

import java.util.concurrent.CompletableFuture;

import org.handoff.worker.protocol.Inspect;
import org.handoff.worker.protocol.Inspected;

/** One worker of a pool, of any kind. On the event loop only. */
public interface PoolWorker {

    String id();

    long pid();

    /** The state for people. */
    String shownState();

    /** Its id and state, for people. */
    default String describe() {
        return id() + ", which is " + shownState();
    }

    /** Whether it is ready and not on its way out: on, or off until turned on again. */
    boolean isInService();

    Lifetime lifetime();

    int connections();

    /** The number of requests answered; still known after its end. */
    long requests();

    long ageNanos();

    /** The resident memory of its process and descendants; -1 if it has just gone. */
    long residentBytes();

    /** How long it was ready, or 0 if it never was. */
    long readyNanos();

    /** The time in which it was not seen to do anything for a client. */
    long idleNanos(long now);

    /** Whether one of its connections has a request or a response; costs a look at each of them. */
    boolean isBusy();

    /** A full report. @param end how it ended, or empty */
    WorkerReport report(String pool, String end);

    /** Takes it out of service. @return false if it is neither on nor off */
    boolean off();

    /** Puts it back into service. @return false if it is neither on nor off */
    boolean on();

    /** Lets it finish its requests, and end. */
    void retire();

    /** Ends the process at once, by command. */
    void killByCommand();

    /**
     * Requests a thread dump on its output, which is in Karaf's log.
     *
     * @return completed on the loop when it is written; exceptionally if the worker ends before
     * @throws IllegalArgumentException if it cannot, now or in general
     */
    CompletableFuture<Void> dump();

    /**
     * Asks for the contents of its framework.
     *
     * @return a table, completed on the loop; exceptionally if the worker ends before
     * @throws IllegalArgumentException if it has no framework, or is not ready
     */
    CompletableFuture<Inspected> inspect(Inspect.Subject subject);
}
