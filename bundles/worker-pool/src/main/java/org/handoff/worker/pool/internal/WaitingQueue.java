package org.handoff.worker.pool.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

import org.handoff.monitor.api.Connection;

/**
 * Connections that wait for a worker, first in first out, bounded in number and in time. On the event loop only.
 */
final class WaitingQueue {

    /** @param again whether a worker could not take it before */
    private record Waiting(Connection connection, boolean again, long deadline) {
    }

    /** Whoever takes connections out of the queue. */
    @FunctionalInterface
    interface Taker {

        /**
         * Takes a connection, or not.
         *
         * @param again whether a worker could not take it before
         */
        boolean takes(Connection connection, boolean again);
    }

    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** Puts a connection at the end; where the queue is full, the connection is answered 503. */
    void add(Connection connection, boolean again, int length, int seconds) {
        if (waiting.size() >= length) {
            waiting.removeIf(one -> !one.connection().isOpen());
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

    /** Offers the connections in order, until one is not taken. */
    void offer(Taker taker) {
        while (!waiting.isEmpty()) {
            Waiting first = waiting.peek();
            if (first.connection().isOpen() && !taker.takes(first.connection(), first.again())) {
                return;
            }
            waiting.remove();
        }
    }

    /** Answers 503 to those that have waited too long. */
    void sweep() {
        long now = System.nanoTime();
        while (!waiting.isEmpty() && now - waiting.peek().deadline() >= 0) {
            Connection late = waiting.remove().connection();
            if (late.isOpen()) {
                late.answer(503);
            }
        }
    }

    /** Answers 503 to all. */
    void clear() {
        while (!waiting.isEmpty()) {
            waiting.remove().connection().answer(503);
        }
    }
}
