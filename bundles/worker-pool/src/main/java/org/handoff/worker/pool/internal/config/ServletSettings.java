package org.handoff.worker.pool.internal.config;

import java.util.List;
import java.util.Locale;

import org.osgi.framework.Filter;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;

/**
 * Which servlets the workers of a pool serve.
 *
 * @param filter selects services of the HTTP Whiteboard
 * @param host the only host that they are for, in lower case; empty for any
 * @param cookie attributes of the cookie of sessions, such as {@code SameSite=Lax}
 */
public record ServletSettings(Filter filter, String host, List<String> cookie) {

    private static final String HOST = "([a-z0-9_.-]{1,253}|\\[[0-9a-f:.]{2,45}])?";

    /**
     * @return null for a pool without servlets
     * @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy
     */
    static ServletSettings of(PoolKind kind, PoolConfig config) {
        String filter = config.servlets().strip();
        // The dot at the end of an absolute name is not compared, in requests neither.
        String host = config.servlets_host().strip().toLowerCase(Locale.ROOT).replaceFirst("(?<=[^.])\\.$", "");
        if (filter.isEmpty()) {
            if (!host.isEmpty()) {
                throw new IllegalArgumentException(
                        "servlets.host = " + host + ": there are no servlets; write the key servlets too");
            }
            return null;
        }
        if (kind != PoolKind.JAVA) {
            throw new IllegalArgumentException(
                    "servlets = " + filter + ": only for pools of the kind java; leave it out");
        }
        if (!host.matches(HOST)) {
            throw new IllegalArgumentException(
                    "servlets.host = " + host + ": no host; write one, without a port, like shop.example.org");
        }
        try {
            return new ServletSettings(
                    FrameworkUtil.createFilter(filter), host, SessionCookieAttributes.of(config.sessions_cookie()));
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(
                    "servlets = " + filter + ": not a filter (" + e.getMessage()
                            + "); write one like (bundle=org.example.shop)",
                    e);
        }
    }
}
