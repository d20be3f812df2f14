package org.handoff.http.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.function.IntSupplier;

/** Reads values of a configuration, and refuses impossible ones by naming their key. */
public final class ConfigValues {

    private ConfigValues() {}

    /**
     * A whole number.
     *
     * @param configured the component runtime's, which throws an exception of some kind if it is not a number
     * @throws IllegalArgumentException if it is none, or not from {@code least} to {@code most}; the message names the
     *        key, the value and the possible values
     */
    public static int between(int least, int most, String key, IntSupplier configured) {
        int value;
        try {
            value = configured.getAsInt();
        } catch (RuntimeException e) {
            throw new IllegalArgumentException(key + " is not a whole number: " + e.getMessage(), e);
        }
        if (value < least || value > most) {
            throw new IllegalArgumentException(key + " = " + value + " is not between " + least + " and " + most);
        }
        return value;
    }

    /**
     * The address of a host.
     *
     * @throws IllegalArgumentException if it cannot be resolved; the message names key and value
     */
    public static InetAddress address(String key, String host) {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(key + " = " + host + " is not an address of this machine", e);
        }
    }
}
