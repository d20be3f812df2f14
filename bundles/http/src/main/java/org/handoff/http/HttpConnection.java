package org.handoff.http;

import java.io.IOException;

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
     * Whoever gave the connection to the engine. All calls come on the engine's event loop and must not wait, the
     * first one after {@link org.handoff.http.engine.HttpEngine#serve} has returned. The last one is {@link #released}, {@link #closed} or
     * {@link #failed}, and comes exactly once.
     */
    @ConsumerType
    interface Owner {

        /** The connection changed its state. The change to idle is told before the next request is looked at. */
        void state(State state);

        /**
         * Whether the owner keeps the bytes of requests itself, as it gives them to the channel: always or never. Else
         * the engine keeps those of small requests.
         */
        default boolean keepsRequests() {
            return false;
        }

        /**
         * Whether an owner that keeps requests has all of the present one, so that it can give it away whole as long as
         * no handler was called for it. Where it has not, the request is answered here.
         */
        default boolean isWhole() {
            return false;
        }

        /**
         * The body of a request that is complete, where the owner keeps requests and this is a large one that is not
         * chunked: the engine has not kept it a second time.
         *
         * @param length how many of the last bytes that were used it has
         * @throws IOException if it was not kept: the request is answered 503
         */
        default KeptBody body(long length) throws IOException {
            throw new IOException("nobody keeps requests here");
        }

        /**
         * The handler is about to be called; on the handler's thread. From here on the request is not given away any
         * more.
         *
         * @return false if the handler must not be called: the request stays as it is until the connection is released
         */
        default boolean begins() {
            return true;
        }

        /**
         * What comes from the client from here on is thrown away: no other request is looked at, and the connection
         * ends soon. May come more than once.
         */
        default void discards() {}

        /** The client is about to be told to go on with its request: bytes are written that belong to no response. */
        default void continuing() {}

        /**
         * The handler has made the whole response, which is given to the event loop to be written. Comes on the
         * handler's thread; not for responses that leave in several pieces.
         *
         * @param response all of it; to be looked at only
         * @param keeps whether the connection is kept afterwards
         * @return whether the owner has a copy, and needs no {@link #rest} of it
         */
        default boolean responds(ByteBuf response, boolean keeps) {
            return false;
        }

        /**
         * The handler has returned, and its thread is about to wait until the response is safe: see
         * {@link #keepsRest}. On the handler's thread.
         */
        default void returned() {}

        /**
         * Whether the owner makes use of the {@link #rest} of the present response: then its handler is not done before
         * the rest is safe. On the handler's thread.
         */
        default boolean keepsRest() {
            return false;
        }

        /**
         * A handler is done, and its client has not taken all of the response; the engine goes on writing it.
         *
         * @param rest what is left, or was a moment ago
         * @param safe to be run, on the event loop, once the rest is not lost with this process any more, or nothing
         *        can be done for that; only then the next handler is called
         * @throws IOException if the file cannot be used; {@code safe} is not run then
         */
        default void rest(ResponseTail rest, Runnable safe) throws IOException {
            safe.run();
        }

        /**
         * The last of a response is about to be written.
         *
         * @param bytes what the whole response has, its head and framing included
         * @param keeps whether the connection is kept afterwards
         */
        default void ending(long bytes, boolean keeps) {}

        /**
         * The engine has let go. Its handler is off the pipeline, everything written has been handed to the kernel and
         * nothing is read any more: the channel is open, registered with no loop, and does not read by itself when it
         * is registered again. It was not shut down, so closing the channel closes this process's descriptor and no
         * more.
         *
         * @param unread what was read and not used, from the first byte of the next request on; perhaps empty. Where
         *        the owner keeps requests, what was used of this one before is missing. The owner releases it
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
