package org.handoff.itests.karaf;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The workers of the pool that the tests share, and its configuration. */
public final class Workers {

    public static final String CFG = "org.handoff.pool-default.cfg";

    private final Karaf karaf;

    public Workers(Karaf karaf) {
        this.karaf = karaf;
    }

    public List<Map<String, String>> rows() throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows();
    }

    /** Waits until so many workers are on, and no other is there; asks the processes before it asks the shell. */
    public void awaitOn(int count) {
        karaf.await(count + " workers that are on", () -> {
            if (karaf.workers().size() != count) {
                return false;
            }
            Set<Long> before = pids();
            List<Map<String, String>> rows = rows();
            return rows.size() == count
                    && rows.stream().allMatch(row -> row.get("state").equals("on"))
                    && pids().equals(before);
        });
    }

    public Set<Long> pids() throws IOException {
        return karaf.workers().stream().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    /** Sets keys of the pool, each followed by its value; returns when Karaf has taken them. */
    public void configure(String... keysAndValues) throws IOException {
        karaf.configure(CFG, keysAndValues);
    }

    /**
     * Changes something that has all workers of the pool replaced, and waits until two others serve. Begins when none
     * is being replaced already, as after a deployment.
     */
    public void replacedBy(Change change) throws Exception {
        awaitOn(2);
        Set<Long> before = pids();
        change.make();
        karaf.await("the workers " + before + " to be replaced", () -> {
            Set<Long> now = pids();
            return now.size() == 2 && before.stream().noneMatch(now::contains);
        });
    }

    public interface Change {

        void make() throws Exception;
    }
}
