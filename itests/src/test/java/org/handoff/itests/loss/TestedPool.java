package org.handoff.itests.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.handoff.itests.handlers.marks.Marks;
import org.handoff.itests.karaf.CWorker;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.Table;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Load;

/**
 * The pool that a test of the promise is about: the Java workers that all tests share, or a program in C that answers
 * the same. Closing it leaves Karaf as it was.
 */
public final class TestedPool implements AutoCloseable {

    /** Handlers that note what they begin. */
    public static final String MARKS = "/marks";

    private static final String C_CFG = "org.handoff.pool-c.cfg";

    private final Karaf karaf;
    private final Kind kind;
    private final String former;
    private boolean hasMarks;

    /** What its workers run. */
    public enum Kind {
        JAVA("default"),
        C("c");

        final String pool;

        Kind(String pool) {
            this.pool = pool;
        }
    }

    /** Has a pool of two workers, unless the keys, each followed by its value, say otherwise. */
    public TestedPool(Karaf karaf, Kind kind, String... keysAndValues) throws Exception {
        this.karaf = karaf;
        this.kind = kind;
        if (kind == Kind.JAVA) {
            former = karaf.read(Workers.CFG);
            karaf.configure(Workers.CFG, keysAndValues);
        } else {
            former = "";
            StringBuilder file = new StringBuilder(
                    "kind = native\ncontext = /c " + MARKS + "\ncommand = " + CWorker.build(Karaf.FOLDER) + "\n");
            for (int i = 0; i < keysAndValues.length; i += 2) {
                file.append(keysAndValues[i] + " = " + keysAndValues[i + 1] + "\n");
            }
            hasMarks = true;
            karaf.write(C_CFG, file.toString());
            karaf.awaitStatus(200, hello());
        }
    }

    public String name() {
        return kind.pool;
    }

    /** Has it serve {@link #MARKS}. */
    public void serveMarks() throws Exception {
        if (!hasMarks) {
            karaf.deploy(HandlerBundle.build("test.marks", Marks.class), "marks.jar");
            hasMarks = true;
        }
        // Without their folder the handlers fail.
        karaf.awaitStatus(500, MARKS);
    }

    /** A path that it answers quickly. */
    public String hello() {
        return kind == Kind.JAVA ? "/hello" : "/c";
    }

    /** Clients of its other handlers. */
    public Load load(int clients) {
        return kind == Kind.JAVA
                ? new Load(karaf.httpPort(), clients)
                : new Load(karaf.httpPort(), clients, hello(), hello());
    }

    public List<Map<String, String>> rows() throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows().stream()
                .filter(row -> row.get("pool").equals(kind.pool))
                .toList();
    }

    /** Its processes. */
    public List<ProcessHandle> processes() throws IOException {
        return karaf.workers().stream()
                .filter(process -> process.info()
                        .command()
                        .filter(command -> command.endsWith(CWorker.NAME) == (kind == Kind.C))
                        .isPresent())
                .toList();
    }

    public Set<Long> pids() throws IOException {
        return processes().stream().map(ProcessHandle::pid).collect(Collectors.toSet());
    }

    /** Waits until so many workers are on, and no other is there; asks the processes before it asks the shell. */
    public void awaitOn(int count) {
        karaf.await(count + " workers of " + kind + " that are on", () -> {
            Set<Long> before = pids();
            if (before.size() != count) {
                return false;
            }
            List<Map<String, String>> rows = rows();
            return rows.size() == count
                    && rows.stream().allMatch(row -> row.get("state").equals("on"))
                    && pids().equals(before);
        });
    }

    /** Changes something that has both workers replaced, and waits until two others serve. */
    public void replacedBy(Workers.Change change) throws Exception {
        awaitOn(2);
        Set<Long> before = pids();
        change.make();
        karaf.await("the workers " + before + " to be replaced", () -> {
            Set<Long> now = pids();
            return now.size() == 2 && before.stream().noneMatch(now::contains);
        });
    }

    @Override
    public void close() throws Exception {
        if (kind == Kind.C) {
            karaf.delete(C_CFG);
            karaf.awaitStatus(404, hello());
            karaf.await("the end of its processes", () -> processes().isEmpty());
            return;
        }
        for (Map<String, String> row : rows()) {
            if (row.get("state").equals("off")) {
                command("worker:on " + row.get("id"));
            }
        }
        if (hasMarks) {
            karaf.undeployAndAwait("marks.jar", MARKS);
        }
        karaf.write(Workers.CFG, former);
        awaitOn(2);
    }

    /** Runs a command of Karaf's shell that prints nothing. */
    public void command(String command) throws IOException {
        assertEquals("", karaf.shell(command).strip(), command);
    }
}
