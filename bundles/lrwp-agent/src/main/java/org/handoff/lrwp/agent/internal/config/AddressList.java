package org.handoff.lrwp.agent.internal.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;

import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;

/** A list of addresses and networks. Immutable. */
public final class AddressList {

    private final List<IpSubnetFilterRule> rules = new ArrayList<>();

    private AddressList() {}

    /**
     * Reads a list such as {@code 10.0.0.0/8, 192.168.1.7, ::1}.
     *
     * @throws IllegalArgumentException if a part of it is not an address; the message names key and value
     */
    public static AddressList of(String key, String text) {
        AddressList list = new AddressList();
        for (String one : text.split(",")) {
            if (!one.isBlank()) {
                list.rules.add(rule(key, one.strip()));
            }
        }
        return list;
    }

    private static IpSubnetFilterRule rule(String key, String network) {
        int slash = network.indexOf('/');
        String address = slash < 0 ? network : network.substring(0, slash);
        int longest = NetUtil.isValidIpV4Address(address) ? 32 : NetUtil.isValidIpV6Address(address) ? 128 : -1;
        try {
            int prefix = slash < 0 ? longest : Integer.parseInt(network.substring(slash + 1));
            if (longest > 0 && prefix >= 0 && prefix <= longest) {
                return new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT);
            }
        } catch (NumberFormatException e) {
            // Refused below.
        }
        throw new IllegalArgumentException(key + " = " + network + ": write addresses like 127.0.0.1, networks like "
                + "10.0.0.0/8 or fd00::/8, with commas between");
    }

    /** Whether an address is in the list; an IPv4 address counts the same if it came as an IPv6 one. */
    public boolean contains(InetAddress address) {
        try {
            InetSocketAddress plain = new InetSocketAddress(InetAddress.getByAddress(address.getAddress()), 0);
            return rules.stream().anyMatch(rule -> rule.matches(plain));
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
