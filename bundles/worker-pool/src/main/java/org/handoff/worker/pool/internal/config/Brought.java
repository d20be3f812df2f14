package org.handoff.worker.pool.internal.config;

import java.util.List;

import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

/**
 * What workers have in addition to the needs of their handlers.
 *
 * @param features names of Karaf's features
 * @param bundles symbolic names
 * @param configurations the configurations that match; null for none
 */
public record Brought(List<String> features, List<String> bundles, Filter configurations) {

    static final Brought NOTHING = new Brought(List.of(), List.of(), null);

    /** @throws IllegalArgumentException if the filter is not valid; the message names key, value and remedy */
    static Brought of(PoolConfig config) {
        String filter = config.configurations().strip();
        try {
            return new Brought(
                    PoolValues.words(config.features()),
                    PoolValues.words(config.bundles()),
                    filter.isEmpty() ? null : FrameworkUtil.createFilter(filter));
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(
                    "configurations = " + filter + ": not a filter (" + e.getMessage()
                            + "); write one like (service.pid=org.example.*)",
                    e);
        }
    }
}
