package org.handoff.monitor.internal;

import java.net.InetSocketAddress;

import org.handoff.http.config.ConfigValues;
import org.handoff.http.config.HeapShare;

/**
 * A valid configuration of the monitor.
 *
 * @param address to listen on
 * @param headSeconds for a request's head
 * @param idleSeconds that a connection without a request is kept
 * @param memory for all connections together, in bytes
 */
record MonitorSettings(InetSocketAddress address, int headSeconds, int idleSeconds, long memory) {

    /** Enough for a few connections of the largest possible size. */
    private static final long LEAST_MEMORY = 1 << 20;

    /** @throws IllegalArgumentException if a value is not possible; the message names it and its key */
    static MonitorSettings of(MonitorConfig config) {
        return new MonitorSettings(
                new InetSocketAddress(
                        ConfigValues.address("address", config.address()),
                        ConfigValues.between(0, 65535, "port", config::port)),
                ConfigValues.between(1, Integer.MAX_VALUE, "head.timeout", config::head_timeout),
                ConfigValues.between(1, Integer.MAX_VALUE, "idle.timeout", config::idle_timeout),
                HeapShare.bytes("memory", config.memory(), LEAST_MEMORY));
    }
}
