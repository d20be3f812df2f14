package org.handoff.monitor.api;

/**
 * A context in the monitor's routing table.
 *
 * @param context the URL path prefix
 * @param host the only host it is for, in lower case; empty for any
 */
public record RoutedContext(String context, String host) {}
