package org.handoff.worker.pool.internal.dispatch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections that wait for a worker, first in first out, bounded in number and in time. On the event loop only.
 */
public final class WaitingQueue {

    /** @param again whether a worker could not take it before */
    private record Waiting(Connection connection, boolean again, long deadline) {}

    /** Takes connections out of the queue. */
    @FunctionalInterface
    interface Taker {

        /**
         * Takes a connection, or not.
         *
         * @param again whether a worker could not take it before
         */
        boolean takes(Connection connection, boolean again);
    }

    private static final Logger LOG = LoggerFactory.getLogger(WaitingQueue.class);

    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** Adds a connection at the end; if the queue is full, the connection is answered 503. */
    void add(Connection connection, boolean again, int length, int seconds) {
        if (waiting.size() >= length) {
            forgetGone();
        }
        if (waiting.size() >= length) {
            connection.answer(503);
        } else {
            waiting.add(new Waiting(connection, again, System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds)));
        }
    }

    int size() {
        return waiting.size();
    }

    /** Drops connections that have ended, whose places are free again. */
    void forgetGone() {
        waiting.removeIf(one -> !one.connection().isOpen());
    }

    /**
     * Offers the connections in order, until one is not taken.
     *
     * @param apart whether those behind it whose requests are for other contexts are offered nevertheless
     */
    void offer(Taker taker, boolean apart) {
        Deque<Waiting> untaken = new ArrayDeque<>();
        Set<RoutedContext> contexts = new HashSet<>();
        while (!waiting.isEmpty() && (apart || untaken.isEmpty())) {
            Waiting first = waiting.remove();
            RoutedContext context = first.connection().context();
            if (first.connection().isOpen() && (contexts.contains(context) || !isTaken(first, taker))) {
                contexts.add(context);
                untaken.add(first);
            }
        }
        while (!untaken.isEmpty()) {
            waiting.addFirst(untaken.removeLast());
        }
    }

    /** A fault of one connection must delay neither those behind it nor the caller. */
    private static boolean isTaken(Waiting one, Taker taker) {
        try {
            return taker.takes(one.connection(), one.again());
        } catch (RuntimeException e) {
            LOG.error(
                    "Connection {} cannot be taken, and is answered 503",
                    one.connection().id(),
                    e);
            one.connection().answer(503);
            return true;
        }
    }

    /** Answers 503 to those that have waited too long. */
    void sweep() {
        long now = System.nanoTime();
        // Not only the first: those behind may have come when the limit was shorter.
        List<Waiting> late =
                waiting.stream().filter(one -> now - one.deadline() >= 0).toList();
        waiting.removeAll(late);
        late.stream().map(Waiting::connection).filter(Connection::isOpen).forEach(one -> one.answer(503));
    }

    /** Answers 503 to all. */
    void clear() {
        while (!waiting.isEmpty()) {
            waiting.remove().connection().answer(503);
        }
    }
}
