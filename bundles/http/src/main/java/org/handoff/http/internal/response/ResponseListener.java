package org.handoff.http.internal.response;

/** What a connection hears of the response on its way, on the event loop. */
public interface ResponseListener {

    /** Why a response is not going to be complete. */
    enum Abandonment {
        /** The client takes it too slowly. */
        TOO_SLOW,
        /** The client takes it slowly, and what waits of it has no room. */
        NO_ROOM,
        /** The system refuses the file that it needs. */
        NO_FILE,
        /** It is shorter or longer than its handler has announced. */
        WRONG_LENGTH
    }

    /** The first bytes of a response are about to be written, or others: may come more than once. */
    void answering();

    /** The response is with the kernel, complete. */
    void answered(boolean keepAlive);

    /** The response ends before it is complete. */
    void abandoned(Abandonment why);

    /** The system has refused a write, or the client has gone. */
    void lost(Throwable cause);
}
