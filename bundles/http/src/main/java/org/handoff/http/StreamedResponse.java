package org.handoff.http;

import java.util.List;
import java.util.Map;

import io.netty.buffer.ByteBuf;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A response that comes in pieces, as a {@link StreamingHandler} gives it: {@link #begin}, then
 * {@link #write} for each piece, then {@link #end}; or {@link #fail} at any time before the end. Calls after an end do
 * nothing. Called on the event loop that called the handler.
 */
@ConsumerType
public interface StreamedResponse {

    /** Events for the handler, on the same event loop. */
    @ConsumerType
    interface Listener {

        /** There is room for more, after {@link StreamedResponse#write} said that there was none. */
        void room();

        /** The client has gone before the response was complete; the rest is of no use. */
        void gone();

        /**
         * The client has closed its end, while the response is not complete. Mostly it has left, which is certain only
         * when something is sent to it; a few clients close their end and wait for the response (RFC 9112, section
         * 9.6).
         */
        default void inputEnded() {
            // Of interest only to handlers whose work for the client is expensive.
        }
    }

    /** Sets the listener; called before anything else. */
    void listener(Listener listener);

    /**
     * Begins the response.
     *
     * @param status from 200 to 599
     * @param reason the reason phrase of HTTP/1, printable ASCII; empty for the standard one
     * @param fields names and values, in order; without those that the server sets itself
     * @param length the number of bytes that will be written; for HEAD, the number that GET would get; negative if
     *        unknown
     * @throws IllegalArgumentException if the reason or a field is not valid, or is one that the server sets itself;
     *        nothing has begun then
     */
    void begin(int status, String reason, List<Map.Entry<String, String>> fields, long length);

    /**
     * Sends the next piece, or drops it if the response has no body.
     *
     * @param data the piece, taken over in any case
     * @return false if no more should come before {@link Listener#room}; this piece was taken nevertheless
     */
    boolean write(ByteBuf data);

    /**
     * Completes the response. A response shorter than announced is cut, so that the client sees the fault. If {@link
     * #write} said that there was no room, and the length is not known, to be called only after {@link Listener#room}.
     */
    void end();

    /**
     * Answers with an error page in place of the response; if a part of the response has left already, cuts the
     * connection.
     *
     * @param status from 400 to 599; 503 comes with {@code Retry-After}
     */
    void fail(int status);

    /** Answers 503 in place of the response, with {@code Retry-After}, if nothing of the response has left. */
    void unavailable(int retrySeconds);
}
