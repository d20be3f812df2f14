package org.handoff.worker.pool.internal.config;

import java.nio.file.Path;

import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

/**
 * Where the sessions of a pool's workers are.
 *
 * @param dataSource selects the service {@code javax.sql.DataSource} with the database; null for Karaf's memory
 */
public record SessionSettings(Filter dataSource) {

    /** Sessions in Karaf's memory. */
    public static final SessionSettings MEMORY = new SessionSettings(null);

    private static final String IN_MEMORY = "memory";
    private static final String IN_DATABASE = "jdbc:";

    /** @throws IllegalArgumentException if it is neither; the message names key, value and remedy */
    static SessionSettings of(PoolConfig config) {
        String value = config.sessions().strip();
        if (value.equals(IN_MEMORY)) {
            return MEMORY;
        }
        try {
            if (value.startsWith(IN_DATABASE)) {
                return new SessionSettings(FrameworkUtil.createFilter(value.substring(IN_DATABASE.length())));
            }
        } catch (InvalidSyntaxException e) {
            throw impossible(value, e);
        }
        throw impossible(value, null);
    }

    private static IllegalArgumentException impossible(String value, Exception cause) {
        return new IllegalArgumentException(
                "sessions = " + value
                        + ": neither memory nor the filter of a DataSource; write memory, or something like "
                        + "jdbc:(dataSourceName=sessions)",
                cause);
    }

    /** Whether they are in Karaf's memory. */
    public boolean isMemory() {
        return dataSource == null;
    }

    /** As workers are told it. @param socket of Karaf's memory */
    public String told(Path socket) {
        return isMemory() ? IN_MEMORY + ":" + socket : IN_DATABASE + dataSource;
    }
}
