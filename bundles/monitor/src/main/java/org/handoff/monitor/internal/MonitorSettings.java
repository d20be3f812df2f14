package org.handoff.monitor.internal;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.function.IntSupplier;

import org.handoff.http.HeapShare;

/**
 * A configuration of the monitor that is possible.
 *
 * @param address to listen on
 * @param headSeconds for a request's head
 * @param idleSeconds that a connection without a request is kept
 * @param memory in bytes, that all connections together may take
 */
record MonitorSettings(InetSocketAddress address, int headSeconds, int idleSeconds, long memory) {

    /** Less would not do for a few connections with as much as each of them may have. */
    private static final long LEAST_MEMORY = 1 << 20;

    /** @throws IllegalArgumentException if a value is not possible; the message names it and its key */
    static MonitorSettings of(MonitorConfig config) {
        return new MonitorSettings(address(config.address(), between(0, 65535, "port", config::port)),
                between(1, Integer.MAX_VALUE, "head.timeout", config::head_timeout),
                between(1, Integer.MAX_VALUE, "idle.timeout", config::idle_timeout),
                HeapShare.bytes("memory", config.memory(), LEAST_MEMORY));
    }

    private static InetSocketAddress address(String host, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByName(host), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address = " + host + " is not an address of this machine", e);
        }
    }

    private static int between(int least, int most, String key, IntSupplier configured) {
        int value;
        try {
            value = configured.getAsInt();
        } catch (RuntimeException e) {
            // The component runtime's, for what is not a number.
            throw new IllegalArgumentException(key + " is not a whole number: " + e.getMessage(), e);
        }
        if (value < least || value > most) {
            throw new IllegalArgumentException(key + " = " + value + " is not between " + least + " and " + most);
        }
        return value;
    }
}
