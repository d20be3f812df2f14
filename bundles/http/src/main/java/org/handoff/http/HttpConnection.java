package org.handoff.http;

import io.netty.buffer.ByteBuf;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/** A connection that an engine serves. */
@ProviderType
public interface HttpConnection {

    /** The activity of a connection. Initially idle. */
    enum State {
        /** Between two requests, and no byte of the next one has come. */
        IDLE,
        /** A request is arriving. */
        READING,
        /** The request is complete: its handler waits for its turn, or runs. */
        HANDLING,
        /** The response is on its way, and its first bytes were written. */
        ANSWERING
    }

    /** The reason for letting go of a connection that is still good. */
    enum Reason {
        /** {@link HttpConnection#release} was called. */
        REQUESTED,
        /** No request came for the idle time. */
        IDLE,
        /** The next request is not this engine's; the unread bytes begin with it. */
        FOREIGN
    }

    /**
     * The owner of a connection that the engine serves, told of its states and its end. All calls come on the engine's
     * event loop and must not wait, the first one after {@link org.handoff.http.engine.HttpEngine#serve} has returned.
     * The last one is {@link #released}, {@link #closed} or {@link #failed}, and comes exactly once.
     */
    @ConsumerType
    interface Owner {

        /** The connection changed its state. The change to idle is told before the next request is looked at. */
        void state(State state);

        /**
         * The engine has let go. Its handler is off the pipeline, all written bytes are with the kernel and nothing is
         * read any more: the channel is open, registered with no loop, and does not read by itself when it is
         * registered again. It was not shut down, so closing the channel closes this process's descriptor and no more.
         *
         * @param unread the bytes read and not used, from the next request's first one on; maybe empty. If its {@link
         *        Durability} keeps requests, the used bytes of this request are missing. The owner releases the buffer
         * @param inFile the number of bytes at the end of the connection's first file that come before those
         * @param reason the reason
         */
        void released(ByteBuf unread, long inFile, Reason reason);

        /**
         * A task for the connection ended by an error of the JVM, such as a missing class or no memory, so the state of
         * this connection is unknown. Unless the owner ends the process, the connection is cut.
         */
        default void broken(Error cause) {
            // The owner hears of the cut by closed.
        }

        /** The connection has ended: it was shut down in both directions and its channel is closed. */
        void closed();

        /**
         * The system refuses a call that the connection needs here, and the client may still be there. The channel is
         * closed, and was not shut down: another process that holds the connection is to end it, or to go on with it.
         *
         * @param begun whether a handler was called for its present request
         */
        default void failed(boolean begun) {
            closed();
        }
    }

    /**
     * Lets the connection go as soon as nothing is lost by that: at once as long as no handler was called for the
     * request, unless its bytes were not kept; otherwise when the current response is complete. Ends in {@link
     * Owner#released} or, if the connection ends before, in another last call. May be called by any thread and more
     * than once.
     */
    void release();

    /** The number of bytes read beyond the current request or still in the file. Called on the event loop. */
    long readAhead();
}
