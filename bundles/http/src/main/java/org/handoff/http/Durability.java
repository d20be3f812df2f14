package org.handoff.http;

import java.io.IOException;

import io.netty.buffer.ByteBuf;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Lets nothing of a connection be lost with this process, for those who give connections to an engine and have another
 * process that can go on with them. It is told of each step before the step is done; none of the calls may wait.
 * {@link #begins}, {@link #responds}, {@link #returned} and {@link #keepsTail} come on the handlers' thread, all others
 * on the engine's event loop.
 */
@ConsumerType
public interface Durability {

    /** Keeps nothing. */
    Durability NONE = new Durability() {};

    /**
     * Whether the bytes of requests are kept here, as they are given to the channel: always or never. Else the engine
     * keeps those of small requests. On the event loop.
     */
    default boolean keepsRequests() {
        return false;
    }

    /**
     * Whether all of the present request is kept, so that it can be given away whole as long as no handler was called
     * for it. Where it is not, the request is answered here. On the event loop, and only where requests are kept.
     */
    default boolean isWhole() {
        return false;
    }

    /**
     * The body of a request that is complete, where requests are kept and this is a large one that is not chunked: the
     * engine has not kept it a second time. On the event loop.
     *
     * @param length how many of the last bytes that were used it has
     * @throws IOException if it was not kept: the request is answered 503
     */
    default KeptBody body(long length) throws IOException {
        throw new IOException("nobody keeps requests here");
    }

    /**
     * What comes from the client from here on is thrown away: no other request is looked at, and the connection ends
     * soon. May come more than once. On the event loop.
     */
    default void discards() {}

    /**
     * The client is about to be told to go on with its request: bytes are written that belong to no response. On the
     * event loop.
     */
    default void continuing() {}

    /**
     * The handler is about to be called. From here on the request is not given away any more. On the handlers' thread.
     *
     * @return false if the handler must not be called: the request stays as it is until the connection is released
     */
    default boolean begins() {
        return true;
    }

    /**
     * The handler has made the whole response, which is given to the event loop to be written; not for responses that
     * leave in several pieces. On the handlers' thread.
     *
     * @param response all of it; to be looked at only
     * @param keeps whether the connection is kept afterwards
     * @return whether there is a copy now, and no need of its {@link #tail}
     */
    default boolean responds(ByteBuf response, boolean keeps) {
        return false;
    }

    /**
     * The handler has returned, and its thread is about to wait until the response is safe: see {@link #keepsTail}. On
     * the handlers' thread.
     */
    default void returned() {}

    /**
     * Whether the {@link #tail} of the present response is of use: then its handler is not done before that is safe. On
     * the handlers' thread.
     */
    default boolean keepsTail() {
        return false;
    }

    /**
     * A handler is done, and its client has not taken all of the response; the engine goes on writing it. On the event
     * loop.
     *
     * @param tail the unsent part, or what was unsent a moment ago
     * @param safe to be run, on the event loop, once the tail is not lost with this process any more, or nothing can be
     *        done for that; only then the next handler is called
     * @throws IOException if the file cannot be used; {@code safe} is not run then
     */
    default void tail(ResponseTail tail, Runnable safe) throws IOException {
        safe.run();
    }

    /**
     * The last of a response is about to be written. On the event loop.
     *
     * @param bytes what the whole response has, its head and framing included
     * @param keeps whether the connection is kept afterwards
     */
    default void ending(long bytes, boolean keeps) {}
}
