package org.handoff.worker.pool.internal.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * A user and a group of the system, by their numbers.
 *
 * @param user empty for Karaf's own
 */
public record Account(OptionalInt user, int group) {

    private static final String NUMBER = "\\d{1,9}";
    private static final String NAME = "[A-Za-z0-9_][A-Za-z0-9_.@-]*";
    // The fields of a line of getent passwd, and of getent group.
    private static final int ID = 2;
    private static final int GROUP = 3;

    /**
     * The account of a pool's processes: the user and its primary group, unless another group is named.
     *
     * @return null if neither is named
     * @throws IllegalArgumentException if there is no such user or group; the message names key, value and remedy
     */
    static Account of(String user, String group) {
        String userName = user.strip();
        String groupName = group.strip();
        if (userName.isEmpty()) {
            return groupName.isEmpty() ? null : new Account(OptionalInt.empty(), id("group", groupName));
        }
        if (!groupName.isEmpty()) {
            return new Account(OptionalInt.of(id("passwd", userName)), id("group", groupName));
        }
        String[] entry = entry("passwd", userName);
        if (entry == null) {
            throw new IllegalArgumentException("user = " + userName + ": there is no such user, and so no group of "
                    + "its own; make the user, or name another");
        }
        return new Account(OptionalInt.of(Integer.parseInt(entry[ID])), Integer.parseInt(entry[GROUP]));
    }

    /** The number of a name; a number stands for itself, with or without an entry. */
    private static int id(String database, String name) {
        if (name.matches(NUMBER)) {
            return Integer.parseInt(name);
        }
        String[] entry = entry(database, name);
        if (entry == null) {
            String kind = database.equals("passwd") ? "user" : "group";
            throw new IllegalArgumentException(
                    kind + " = " + name + ": there is no such " + kind + "; make it, or name another");
        }
        return Integer.parseInt(entry[ID]);
    }

    /** The fields of a user's or group's entry, from any source of the name service (files, LDAP); null for none. */
    private static String[] entry(String database, String name) {
        if (!name.matches(NAME)) {
            return null;
        }
        try {
            Process getent = new ProcessBuilder("getent", database, name)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            getent.getOutputStream().close();
            String line = new String(getent.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return getent.waitFor() == 0 ? line.split(":", -1) : null;
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "user or group " + name + ", which cannot be looked up: " + e.getMessage()
                            + "; install getent, or write numbers of both",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalArgumentException("user or group " + name + ", whose look-up was interrupted", e);
        }
    }
}
