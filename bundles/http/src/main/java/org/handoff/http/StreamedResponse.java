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

    /** What the handler is told, on the same event loop. */
    @ConsumerType
    interface Listener {

        /** There is room for more, after {@link StreamedResponse#write} said that there was none. */
        void room();

        /** The client has gone before the response was complete; nobody needs the rest. */
        void gone();

        /**
         * The client says no more, while the response is not complete. Mostly it has left, which is certain only when
         * something is sent to it; a few clients close their end and wait for the answer (RFC 9112, section 9.6).
         */
        default void inputEnded() {
            // To be known by those alone who work for the client at a cost.
        }
    }

    /** Whom to tell; called before anything else. */
    void listener(Listener listener);

    /**
     * Begins the response.
     *
     * @param status from 200 to 599
     * @param reason the words behind the status in HTTP/1, printable ASCII; empty for the usual ones
     * @param fields names and values, in order; without those that the server sets itself
     * @param length how many bytes are going to be written; for HEAD, how many GET would get; negative where nobody
     *        knows yet
     * @throws IllegalArgumentException if the reason or a field is not valid, or is one that the server sets itself;
     *         nothing has begun then
     */
    void begin(int status, String reason, List<Map.Entry<String, String>> fields, long length);

    /**
     * Sends the next piece. Where HTTP wants no body it is dropped.
     *
     * @param data the piece, taken over in every case
     * @return false if no more should come before {@link Listener#room}; this piece was taken nevertheless
     */
    boolean write(ByteBuf data);

    /**
     * Completes the response. One that is shorter than announced is cut, so that the client sees the fault. Not to be
     * called before {@link Listener#room} where {@link #write} said that there was none and the length is not known.
     */
    void end();

    /**
     * Answers an error in place of the response; where a part of it has left already, cuts the connection.
     *
     * @param status from 400 to 599; with 503 goes {@code Retry-After}
     */
    void fail(int status);

    /** Answers 503 in place of the response, with {@code Retry-After}; nothing of one has left. */
    void unavailable(int retrySeconds);
}
