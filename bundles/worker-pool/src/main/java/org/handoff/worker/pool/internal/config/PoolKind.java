package org.handoff.worker.pool.internal.config;

import java.util.List;
import java.util.Locale;

/** The kinds of workers. */
public enum PoolKind {

    /** Java workers, which serve handler bundles. */
    JAVA,
    /** Programs that speak the worker protocol. */
    NATIVE,
    /** Programs that are LRWP peers. */
    LRWP,
    /** LRWP peers of ours that run CGI programs. */
    CGI;

    /** @throws IllegalArgumentException if there is no such kind; the message names key, value and remedy */
    static PoolKind of(String value) {
        for (PoolKind kind : values()) {
            if (kind.name().toLowerCase(Locale.ROOT).equals(value.strip())) {
                return kind;
            }
        }
        throw new IllegalArgumentException("kind = " + value + ": no such kind of workers; write java, native, lrwp or "
                + "cgi, or leave it out for java");
    }

    /** Whether a pool with this value of the key has peers. */
    public static boolean isForPeers(String configured) {
        return List.of("lrwp", "cgi").contains(configured.strip());
    }

    /** Whether a pool with this value of the key has native workers. */
    public static boolean isForPrograms(String configured) {
        return configured.strip().equals("native");
    }

    /** Whether a pool with this value of the key serves handlers. @param configured null for an absent key */
    public static boolean isForHandlers(Object configured) {
        return configured == null || configured.toString().strip().equals("java");
    }
}
