package org.handoff.http;

import java.io.IOException;

import io.netty.buffer.ByteBuf;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keeps the connections of an engine from being lost with its process, if another process can go on with them. Each
 * step is announced before it is done; none of the calls may wait. {@link #begins}, {@link #runs}, {@link
 * #responds}, {@link #returned} and {@link #keepsTail} come on the handlers' thread, all others on the engine's event loop.
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
     * for it. Otherwise the request is answered here. On the event loop, and only if requests are kept.
     */
    default boolean isWhole() {
        return false;
    }

    /**
     * The body of a complete request, if requests are kept, and this is a large one that is not chunked: the engine has
     * not kept it a second time. On the event loop.
     *
     * @param length the number of its bytes, which are the last ones used
     * @throws IOException if it was not kept: the request is answered 503
     */
    default KeptBody body(long length) throws IOException {
        throw new IOException("nobody keeps requests here");
    }

    /**
     * Further bytes of the client are dropped: no other request is looked at, and the connection ends soon. May come
     * more than once. On the event loop.
     */
    default void discards() {}

    /** 100 Continue is about to be sent: bytes are written that belong to no response. On the event loop. */
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
     * Code of a handler is about to run without a request: a response that it gave later has ended. On the handlers'
     * thread.
     */
    default void runs() {}

    /**
     * The handler has made the whole response, which is given to the event loop to be written; not called for responses
     * in several pieces. On the handlers' thread.
     *
     * @param response all of it; must not be changed
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
     * Whether the {@link #tail} of the present response is of use: then its handler is not done before the tail is
     * safe. On the handlers' thread.
     */
    default boolean keepsTail() {
        return false;
    }

    /**
     * A handler is done, and its client has not taken all of the response; the engine goes on writing it. On the event
     * loop.
     *
     * @param tail the unsent part, or the part that was unsent a moment ago
     * @param safe to be run, on the event loop, as soon as the tail cannot be lost with this process any more, or
     *        nothing can be done about that; the next handler is called only then
     * @throws IOException if the file cannot be used; {@code safe} is not run then
     */
    default void tail(ResponseTail tail, Runnable safe) throws IOException {
        safe.run();
    }

    /**
     * The last bytes of a response are about to be written. On the event loop.
     *
     * @param bytes the length of the whole response, with its head and framing
     * @param keeps whether the connection is kept afterwards
     */
    default void ending(long bytes, boolean keeps) {}
}
