package org.handoff.http.internal.connection;

/** One request and its response. On the event loop, unless a method says otherwise. */
interface Exchange {

    /**
     * Takes the request back, so that no handler sees it, and releases it.
     *
     * @return false if the handler has begun; true also if the request was taken back before
     */
    boolean cancel();

    /** Whether the method is HEAD. */
    boolean isHead();

    /** Whether the request is of use while its response is being written. */
    boolean outlivesAnswer();

    /** The client has closed its end. */
    void inputEnded();

    /** The connection has ended. */
    void gone();
}
