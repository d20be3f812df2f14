package org.handoff.worker.api;

import java.io.IOException;
import java.io.OutputStream;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A response that is given after its handler has returned, for long polling: {@link Response#async}. Any thread may use
 * it, and the first one that sends wins.
 *
 * <pre>{@code
 * AsyncResponse later = response.async(Duration.ofSeconds(30), 204);
 * Subscription subscription = news.next(item -> later.header("Content-Type", "application/json").send(item.json()));
 * later.onEnd(subscription::cancel);
 * }</pre>
 */
@ProviderType
public interface AsyncResponse {

    /** Sets the status. @throws IllegalArgumentException as {@link Response#status} */
    AsyncResponse status(int status);

    /** Sets a header field. @throws IllegalArgumentException as {@link Response#header} */
    AsyncResponse header(String name, String value);

    /** Adds a header field beside its earlier values. @throws IllegalArgumentException as {@link Response#header} */
    AsyncResponse addHeader(String name, String value);

    /**
     * Begins a body of unknown length, sent in chunks. Its methods throw {@link IOException} once the response has
     * ended; they wait for nothing but the server itself, which keeps the unsent bytes, and ends the response of a
     * client that is too slow. The body ends when the stream is closed; at the limit, without it, the client sees the
     * fault.
     *
     * @throws IllegalStateException if the response was sent already
     */
    OutputStream stream();

    /**
     * Sends the bytes as the whole body, and ends the response. Never waits. The array must not be changed afterwards.
     *
     * @return false if the response has ended before, and nothing is sent
     */
    boolean send(byte[] body);

    /** Sends the text as the whole body, as {@link #send(byte[])} and {@link Response#send(String)} do. */
    boolean send(String text);

    /**
     * Ends the response at once, so that the client sees that it is not complete: for a fault after a part of the body
     * was sent. Without effect if the response has ended.
     */
    void cut();

    /** Whether nothing was sent yet, and the client is still there, as far as the server knows. */
    boolean isOpen();

    /**
     * Runs a task, on the handlers' thread, when the response has ended: it was sent, its time is over, its worker ends,
     * or the client has gone. Soon, if it has ended already. A later call replaces the task. Like a handler, the task
     * holds up its worker while it runs, and {@code request.timeout} limits it.
     */
    void onEnd(Runnable task);
}
