package org.handoff.worker.pool.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import org.handoff.monitor.api.Connection;

/**
 * Connections that wait for a worker, first in first out, bounded in number and in time. On the event loop only.
 */
final class WaitingQueue {

    private record Waiting(Connection connection, long deadline) {
    }

    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** Puts a connection at the end; where the queue is full, the connection is answered 503. */
    void add(Connection connection, int length, int seconds) {
        if (waiting.size() >= length) {
            waiting.removeIf(one -> !one.connection().isOpen());
        }
        if (waiting.size() >= length) {
            connection.answer(503);
        } else {
            waiting.add(new Waiting(connection, System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds)));
        }
    }

    int size() {
        return waiting.size();
    }

    /** Offers the connections in order, until one is not taken. */
    void offer(Predicate<Connection> taker) {
        while (!waiting.isEmpty()) {
            Connection first = waiting.peek().connection();
            if (first.isOpen() && !taker.test(first)) {
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
