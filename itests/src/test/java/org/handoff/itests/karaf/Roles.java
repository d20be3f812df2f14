package org.handoff.itests.karaf;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Who may run which commands: users of each of Karaf's roles try them by SSH, on workers and peers there are not. */
public final class Roles {

    /** Each may do what those before it may. */
    private static final List<String> ROLES = List.of("viewer", "manager", "admin");

    public static final Map<String, String> OF_WORKERS = Map.ofEntries(
            Map.entry("worker:list", "viewer"),
            Map.entry("worker:top", "viewer"),
            Map.entry("worker:info none", "viewer"),
            Map.entry("worker:log none", "viewer"),
            Map.entry("worker:bundles none", "viewer"),
            Map.entry("worker:components none", "viewer"),
            Map.entry("worker:services none", "viewer"),
            Map.entry("monitor:status", "viewer"),
            Map.entry("monitor:contexts", "viewer"),
            Map.entry("worker:off none", "manager"),
            Map.entry("worker:on none", "manager"),
            Map.entry("worker:recycle none", "manager"),
            Map.entry("worker:roll none", "manager"),
            Map.entry("worker:dump none", "manager"),
            Map.entry("worker:scale none 1", "manager"),
            Map.entry("worker:kill none", "admin"));

    public static final Map<String, String> OF_PEERS = Map.of(
            "lrwp:peers",
            "viewer",
            "lrwp:contexts",
            "viewer",
            "lrwp:off /none",
            "manager",
            "lrwp:on /none",
            "manager",
            "lrwp:disconnect 999999",
            "admin");

    private Roles() {}

    /** @param leastRoles the first of the roles that may run a command, by command */
    public static void areKept(Karaf karaf, Map<String, String> leastRoles) throws IOException {
        Path users = karaf.file("etc/users.properties");
        String before = Files.readString(users);
        StringBuilder more = new StringBuilder(before).append('\n');
        ROLES.forEach(role -> more.append(role)
                .append(" = ")
                .append(role)
                .append(',')
                .append(role)
                .append(",ssh\n"));
        Files.writeString(users, more);
        try {
            for (String role : ROLES) {
                try (Shell shell = karaf.shellOf(role)) {
                    for (Map.Entry<String, String> command : leastRoles.entrySet()) {
                        boolean may = ROLES.indexOf(role) >= ROLES.indexOf(command.getValue());
                        String printed = shell.run(command.getKey());
                        assertTrue(may == !isRefused(printed), role + " runs " + command.getKey() + ":\n" + printed);
                    }
                }
            }
        } finally {
            Files.writeString(users, before);
        }
    }

    /** Karaf does not show a command to who may not run it. */
    private static boolean isRefused(String printed) {
        return printed.contains("Command not found") || printed.contains("Insufficient credentials");
    }
}
