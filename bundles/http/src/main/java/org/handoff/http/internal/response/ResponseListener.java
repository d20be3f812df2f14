package org.handoff.http.internal.response;

/** Hears of the response on its way, on the event loop. */
public interface ResponseListener {

    /** The reason for an incomplete response. */
    enum Abandonment {
        /** The client takes it too slowly. */
        TOO_SLOW,
        /** The client takes it slowly, and there is no room for its unsent bytes. */
        NO_ROOM,
        /** The system refuses a file that the response needs. */
        NO_FILE,
        /** The client has closed its end, and waits for a response that may never come. */
        LEFT,
        /** Its handler has failed, or its time is over, before it was complete. */
        UNFINISHED,
        /** The response is shorter or longer than its handler has announced. */
        WRONG_LENGTH
    }

    /** Bytes of a response are about to be written, the first ones or others: may come more than once. */
    void answering();

    /** The response is with the kernel, complete. */
    void answered(boolean keepAlive);

    /** The response ends before it is complete. */
    void abandoned(Abandonment why);

    /** The system has refused a write, or the client has gone. */
    void lost(Throwable cause);
}
