package org.handoff.lrwp.agent.internal.config;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;

import org.handoff.http.config.ConfigValues;
import org.handoff.http.limits.HttpLimits;
import org.handoff.lrwp.protocol.Size;

/**
 * The agent's configuration, checked.
 *
 * @param applications the passwords by name in lower case, empty for none; {@code *} is every other name
 * @param overriding names that may take a handler bundle's context; {@code *} is every name
 * @param documentRoot the root told to peers, without a slash at its end; empty for none
 * @param tls null if peers connect without
 */
public record LrwpSettings(
        InetSocketAddress address,
        AddressList allowed,
        Map<String, String> applications,
        Set<String> overriding,
        int peers,
        int peersPerAddress,
        long startupNanos,
        long peerNanos,
        int queueLength,
        long queueNanos,
        boolean roundRobin,
        String documentRoot,
        PeerTls tls,
        HttpLimits http) {

    public static final String PID = "org.handoff.lrwp";
    public static final String FILE = "etc/" + PID + ".cfg";

    private static final String APPLICATION = "application.";
    private static final String ANY = "*";
    private static final String BODY = "http.body";

    /** @throws IllegalArgumentException if a value is not possible; the message names key, value and remedy */
    public static LrwpSettings of(LrwpConfig config, Map<String, Object> properties) {
        Map<String, String> applications = new HashMap<>();
        Map<String, String> http = new HashMap<>();
        properties.forEach((key, value) -> {
            String text = value.toString().strip();
            if (key.startsWith(APPLICATION)) {
                applications.put(application(key, text).toLowerCase(Locale.ROOT), text.equals(ANY) ? "" : text);
            } else if (key.startsWith("http.")) {
                http.put(key, text);
            }
        });
        http.putIfAbsent(BODY, Long.toString(Size.MAX));
        HttpLimits limits = HttpLimits.from(http);
        if (limits.body() > Size.MAX) {
            throw new IllegalArgumentException(BODY + " = " + limits.body() + ": LRWP has nine digits for a length; "
                    + "write " + Size.MAX + " or less");
        }
        return new LrwpSettings(
                new InetSocketAddress(
                        ConfigValues.address("address", config.address().strip()),
                        ConfigValues.between(0, 65535, "port", config::port)),
                AddressList.of("allow", config.allow()),
                applications.isEmpty() ? Map.of(ANY, "") : Map.copyOf(applications),
                Arrays.stream(config.override().split(","))
                        .map(LrwpSettings::name)
                        .filter(name -> !name.isEmpty())
                        .collect(Collectors.toUnmodifiableSet()),
                ConfigValues.between(1, Integer.MAX_VALUE, "peers", config::peers),
                ConfigValues.between(1, Integer.MAX_VALUE, "peers.per.address", config::peers_per_address),
                seconds("startup.timeout", config::startup_timeout),
                seconds("peer.timeout", config::peer_timeout),
                ConfigValues.between(0, Integer.MAX_VALUE, "queue.length", config::queue_length),
                seconds("queue.timeout", config::queue_timeout),
                config.round_robin(),
                documentRoot(config.document_root().strip()),
                PeerTls.of(config),
                limits);
    }

    /**
     * The password of an application. Its name is case-insensitive, as in Xitami's configuration: {@code App} does not
     * avoid the password of {@code app}.
     *
     * @param name as in the startup string, without its leading slash
     * @return empty if it needs none, null if it is not permitted
     */
    public String password(String name) {
        String password = applications.get(name.isEmpty() ? "/" : name.toLowerCase(Locale.ROOT));
        return password != null ? password : applications.get(ANY);
    }

    /** Whether an application may take a context that a handler bundle serves. */
    public boolean overrides(String name) {
        return overriding.contains(ANY) || overriding.contains(name.isEmpty() ? "/" : name);
    }

    private static String application(String key, String password) {
        String name = name(key.substring(APPLICATION.length()));
        if (name.isEmpty() || password.isEmpty()) {
            throw new IllegalArgumentException(key + " = " + (password.isEmpty() ? "" : "(a password)") + ": write "
                    + APPLICATION + "NAME = * for an application without a password, or its password");
        }
        return name;
    }

    /** Names have a leading slash or not; the root context stays a slash. */
    private static String name(String text) {
        String name = text.strip();
        return name.length() > 1 && name.startsWith("/") ? name.substring(1) : name;
    }

    /** A folder on the peers' machine, which need not be this one. */
    private static String documentRoot(String folder) {
        return folder.length() > 1 && folder.endsWith("/") ? folder.substring(0, folder.length() - 1) : folder;
    }

    private static long seconds(String key, IntSupplier configured) {
        return TimeUnit.SECONDS.toNanos(ConfigValues.between(1, 1_000_000, key, configured));
    }
}
