package org.handoff.http.internal.connection;

/** What an engine knows of one connection: that it is there, and what it keeps in memory. On the event loop only. */
final class EngineAccount {

    private final ServedConnections engine;
    private final ServerConnection connection;
    private long counted;

    EngineAccount(ServedConnections engine, ServerConnection connection) {
        this.engine = engine;
        this.connection = connection;
    }

    /** Counts what is kept of requests that no handler was called for; the engine may have to make room for it. */
    void count(long bytes) {
        long before = counted;
        counted = bytes;
        engine.count(connection, before, bytes);
    }

    /** The connection has ended here. */
    void close() {
        engine.forget(connection);
        count(0);
    }
}
