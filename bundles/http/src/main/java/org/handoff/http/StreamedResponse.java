package org.handoff.http;

import io.netty.buffer.ByteBuf;

import java.util.List;
import java.util.Map;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * A response of known length that comes in pieces, as a {@link StreamingHandler} gives it: {@link #begin}, then
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
    }

    /** Whom to tell; called before anything else. */
    void listener(Listener listener);

    /**
     * Begins the response.
     *
     * @param status from 200 to 599
     * @param fields names and values, in order; without those that the server sets itself
     * @param length how many bytes are going to be written; for HEAD, how many GET would get
     * @throws IllegalArgumentException if a field is not valid, or is one that the server sets itself; nothing has
     *         begun then
     */
    void begin(int status, List<Map.Entry<String, String>> fields, long length);

    /**
     * Sends the next piece. Where HTTP wants no body it is dropped.
     *
     * @param data the piece, taken over in every case
     * @return false if no more should come before {@link Listener#room}; this piece was taken nevertheless
     */
    boolean write(ByteBuf data);

    /** Completes the response. One that is shorter than announced is cut, so that the client sees the fault. */
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
