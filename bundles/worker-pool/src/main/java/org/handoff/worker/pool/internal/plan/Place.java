package org.handoff.worker.pool.internal.plan;

/**
 * The place of a handler.
 *
 * @param host the only host, in lower case; empty for any
 * @param context a URL path prefix
 */
public record Place(String host, String context) {

    @Override
    public String toString() {
        return host + context;
    }
}
