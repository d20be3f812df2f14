package org.handoff.http.internal.connection;

/** The engine's account of one connection: its presence, and the memory that it uses. On the event loop only. */
final class EngineAccount {

    private final ServedConnections engine;
    private final ServerConnection connection;
    private long counted;

    EngineAccount(ServedConnections engine, ServerConnection connection) {
        this.engine = engine;
        this.connection = connection;
    }

    /** Counts the bytes kept of requests that no handler was called for; the engine may have to make room for them. */
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
