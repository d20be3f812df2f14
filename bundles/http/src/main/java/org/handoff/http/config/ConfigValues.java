package org.handoff.http.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.netty.util.NetUtil;

/** Reads values of a configuration, and refuses impossible ones by naming their key. */
public final class ConfigValues {

    private static final int MOST_PORT = 65535;
    private static final Pattern SOCKET_ADDRESS = Pattern.compile("([^:\\s]+|\\[[^\\]\\s]+\\]):(\\d{1,5})");

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

    /**
     * An address and a port, like {@code 0.0.0.0:7000} or {@code [::]:7000}. No name of a host, so that nothing has to
     * be looked up.
     *
     * @throws IllegalArgumentException if it is none; the message names key, value and remedy
     */
    public static InetSocketAddress socketAddress(String key, String text) {
        Matcher parts = SOCKET_ADDRESS.matcher(text.strip());
        int port = parts.matches() ? Integer.parseInt(parts.group(2)) : 0;
        byte[] address = port == 0 ? null : NetUtil.createByteArrayFromIpAddressString(parts.group(1));
        if (address == null || port > MOST_PORT) {
            throw new IllegalArgumentException(
                    key + " = " + text + " is not an address and a port; write them like 0.0.0.0:7000 or [::]:7000");
        }
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + address.length + " bytes", e);
        }
    }
}
