package org.handoff.http;

import io.netty.buffer.ByteBuf;
import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.annotation.versioning.ProviderType;

/** A connection that an engine serves. */
@ProviderType
public interface HttpConnection {

    /** What a connection is doing. It begins idle. */
    enum State {
        /** Between two requests, and not a byte of the next one has come. */
        IDLE,
        /** A request is arriving. */
        READING,
        /** The request is complete: its handler waits for its turn, or runs. */
        HANDLING,
        /** The response is on its way, and the first of its bytes were written. */
        ANSWERING
    }

    /** Why an engine let go of a connection that is still good. */
    enum Reason {
        /** {@link HttpConnection#release} was called. */
        REQUESTED,
        /** No request came for the idle time. */
        IDLE,
        /** The next request is not this engine's; it is the first of the unread bytes. */
        FOREIGN
    }

    /**
     * Whoever gave the connection to the engine: hears how it lives and ends. All calls come on the engine's event loop and must not wait, the
     * first one after {@link org.handoff.http.engine.HttpEngine#serve} has returned. The last one is {@link #released}, {@link #closed} or
     * {@link #failed}, and comes exactly once.
     */
    @ConsumerType
    interface Owner {

        /** The connection changed its state. The change to idle is told before the next request is looked at. */
        void state(State state);

        /**
         * The engine has let go. Its handler is off the pipeline, everything written has been handed to the kernel and
         * nothing is read any more: the channel is open, registered with no loop, and does not read by itself when it
         * is registered again. It was not shut down, so closing the channel closes this process's descriptor and no
         * more.
         *
         * @param unread what was read and not used, from the first byte of the next request on; perhaps empty. Where
         *        its {@link Durability} keeps requests, what was used of this one before is missing. The owner releases it
         * @param inFile how many of the last bytes of the file that the connection began with come before those
         * @param reason why
         */
        void released(ByteBuf unread, long inFile, Reason reason);

        /**
         * What was done for the connection ended by an error of the JVM, such as a missing class or no memory: nobody
         * knows what is true of this connection any more. Unless the owner ends the process, the connection is cut.
         */
        default void broken(Error cause) {
            // The cut is told by closed.
        }

        /** The connection has ended: it was shut down in both directions and its channel is closed. */
        void closed();

        /**
         * The system refuses what the connection needs to go on here, and its client may still be there. Its channel is
         * closed, and was not shut down: whoever else has the connection is to end it, or to go on with it.
         *
         * @param begun whether a handler was called for its present request
         */
        default void failed(boolean begun) {
            closed();
        }
    }

    /**
     * Lets the connection go as soon as that loses nothing: at once as long as no handler was called for the request,
     * unless nobody has kept its bytes; else when the current response is complete. Ends in
     * {@link Owner#released} or, when the connection ends before, in another last call. May be called by any thread
     * and more than once.
     */
    void release();

    /** How many bytes were read beyond the current request, or are in the file still. Called on the event loop. */
    long readAhead();
}
