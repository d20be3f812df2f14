package org.handoff.session.store.internal.config;

import org.handoff.http.config.ConfigValues;
import org.handoff.http.config.HeapShare;
import org.handoff.session.protocol.Frames;

/**
 * The store's configuration, checked.
 *
 * @param memory bytes of all sessions together
 * @param sessionBytes the most bytes of a session
 * @param poolSessions the most sessions of a pool
 */
public record SessionsSettings(long memory, int sessionBytes, int poolSessions) {

    /** The component's PID. */
    public static final String PID = "org.handoff.sessions";

    /** The file with the configuration, for messages. */
    public static final String FILE = "etc/" + PID + ".cfg";

    private static final int LEAST_SESSION = 4 << 10;
    private static final int SESSIONS_IN_MEMORY = 4;

    /** @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy */
    public static SessionsSettings of(SessionsConfig config) {
        long memory = HeapShare.bytes("memory", config.memory(), (long) SESSIONS_IN_MEMORY * LEAST_SESSION);
        long session = HeapShare.bytes("session.memory", config.session_memory(), LEAST_SESSION);
        long most = Math.min(Frames.MOST_SESSION, memory / SESSIONS_IN_MEMORY);
        if (session > most) {
            throw new IllegalArgumentException("session.memory = " + config.session_memory() + ": these are " + session
                    + " bytes, and " + most + " is the most: a quarter of memory = " + config.memory() + ", and 64m");
        }
        return new SessionsSettings(
                memory,
                (int) session,
                ConfigValues.between(1, Integer.MAX_VALUE, "pool.sessions", config::pool_sessions));
    }
}
