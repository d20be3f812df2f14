package org.handoff.servlet.internal.session.store;

import java.nio.file.Path;

import org.osgi.framework.BundleContext;

/** Makes the store that a pool names. */
final class SessionStores {

    private static final String MEMORY = "memory:";
    private static final String JDBC = "jdbc:";

    private SessionStores() {}

    /**
     * The store.
     *
     * @param told {@code memory:} and a path, or {@code jdbc:} and a filter; null if the pool has told nothing
     * @throws IllegalStateException if it is neither
     */
    static SessionStore of(String told, String pool, BundleContext context) {
        if (told != null && told.startsWith(MEMORY)) {
            return new MemoryStore(Path.of(told.substring(MEMORY.length())));
        }
        if (told != null && told.startsWith(JDBC)) {
            return new JdbcStore(new TrackedDataSource(context, told.substring(JDBC.length())), pool);
        }
        throw new IllegalStateException("HANDOFF_SESSIONS = " + told + ": neither " + MEMORY + " nor " + JDBC
                + "; workers of this version need a pool of the same version");
    }
}
