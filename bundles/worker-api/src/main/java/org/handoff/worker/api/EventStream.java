package org.handoff.worker.api;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Server-sent events, as a browser's {@code EventSource} receives them: {@link Response#events}. Any thread may use it.
 *
 * <p>The stream ends when it is closed, when its time is over ({@code http.async.timeout}), shortly before its worker
 * ends, when the client has gone, or takes its events too slowly ({@code http.async.buffer}). In all these cases a
 * client of this kind connects again, and sends the id of the last event that it has got in the field {@code
 * Last-Event-ID}.
 *
 * <pre>{@code
 * EventStream stream = response.events();
 * String last = request.headers().first("Last-Event-ID").orElse("0");
 * Subscription subscription = news.since(last, item -> stream.send(item.id(), "news", item.json()));
 * stream.onEnd(subscription::cancel);
 * }</pre>
 */
@ProviderType
public interface EventStream {

    /**
     * Sends an event. Never waits.
     *
     * @return false if the stream has ended, and nothing is sent
     */
    default boolean send(String data) {
        return send(null, null, data);
    }

    /**
     * Sends an event. Never waits.
     *
     * @param id its id, or null for none
     * @param event its type, or null for none
     * @param data its text, of any number of lines
     * @return false if the stream has ended, and nothing is sent
     * @throws IllegalArgumentException if the id or the type has several lines
     */
    boolean send(String id, String event, String data);

    /** Ends the stream. */
    void close();

    /** Whether the stream goes on, as far as the server knows. */
    boolean isOpen();

    /** Runs a task when the stream has ended, as {@link AsyncResponse#onEnd} does. */
    void onEnd(Runnable task);
}
