package org.handoff.itests;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The workers of the pool that the tests share, and its configuration. */
final class Workers {

    static final String CFG = "org.handoff.pool-default.cfg";

    private final Karaf karaf;

    Workers(Karaf karaf) {
        this.karaf = karaf;
    }

    List<Map<String, String>> rows() throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows();
    }

    /** Waits until so many workers are on, and no other is there; asks the processes before it asks the shell. */
    void awaitOn(int count) {
        karaf.await(count + " workers that are on", () -> {
            if (karaf.workers().size() != count) {
                return false;
            }
            List<Map<String, String>> rows = rows();
            return rows.size() == count && rows.stream().allMatch(row -> row.get("state").equals("on"));
        });
    }

    Set<Long> pids() throws IOException {
        return karaf.workers().stream().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    /**
     * Sets a key of the pool and waits until Karaf has taken it. Karaf, which writes a file itself after it has taken a
     * change, may write over a change that came meanwhile: so this one is made as often as it takes.
     */
    void configure(String key, String value) throws IOException {
        karaf.await(key + " = " + value + " to be taken", () -> {
            if (Files.readString(karaf.file("etc/" + CFG)).lines().noneMatch(line -> isSet(line, key, value))) {
                karaf.configure(CFG, key, value);
            }
            return karaf.shell("config:list '(service.pid=org.handoff.pool~default)'").lines()
                .anyMatch(line -> isSet(line, key, value));
        });
    }

    private static boolean isSet(String line, String key, String value) {
        return line.replace(" ", "").equals(key + "=" + value);
    }
}
