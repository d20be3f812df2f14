package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Pids;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Table;
import org.handoff.itests.load.Load;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Pools of programs that speak the worker protocol, beside the Java pool: by the Python library and WSGI. */
@ExtendWith(OurKaraf.class)
class NativePoolTest {

    private static final Path PYTHON =
            Path.of("..", "sdk", "python").toAbsolutePath().normalize();
    private static final int CLIENTS = 24;

    /** How many pools there were. */
    private static int made;

    private final Karaf karaf;
    /** The pool's name: each time another one, as Karaf may miss that a file was deleted and made again. */
    private String pool;

    @TempDir
    Path folder;

    NativePoolTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @BeforeEach
    void deploy() throws IOException {
        pool = "python" + ++made;
        app("Hello");
        pool("python3 -m handoff.wsgi app:app");
        awaitOn(2);
        karaf.awaitStatus(200, "/python");
    }

    @AfterEach
    void undeploy() throws IOException {
        drop();
        karaf.await("the end of its processes", () -> karaf.workers().size() == 2);
    }

    private void drop() throws IOException {
        karaf.delete(file());
        karaf.awaitStatus(404, "/python");
    }

    private String file() {
        return "org.handoff.pool-" + pool + ".cfg";
    }

    private void app(String word) throws IOException {
        Files.writeString(folder.resolve("app.py"), """
                import os

                def app(environ, start_response):
                    body = environ["wsgi.input"].read()
                    text = "%s from worker process %%d on Python, %%d" %% (os.getpid(), len(body))
                    start_response("200 OK", [("Content-Type", "text/plain")])
                    return [text.encode()]
                """.formatted(word));
    }

    private void pool(String command, String... more) throws IOException {
        List<String> lines = new ArrayList<>(List.of(
                "kind = native",
                "command = " + command,
                "directory = " + folder,
                "context = /python",
                "environment.PYTHONPATH = " + PYTHON,
                "environment.PYTHONDONTWRITEBYTECODE = 1"));
        lines.addAll(List.of(more));
        karaf.write(file(), String.join("\n", lines) + "\n");
    }

    private List<Map<String, String>> rows() throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows().stream()
                .filter(row -> row.get("pool").equals(pool))
                .toList();
    }

    private void awaitOn(int count) {
        karaf.await(count + " workers in Python", () -> {
            List<Map<String, String>> rows = rows();
            return rows.size() == count
                    && rows.stream().allMatch(row -> row.get("state").equals("on"));
        });
    }

    private Set<String> pids() throws IOException {
        return rows().stream().map(row -> row.get("pid")).collect(Collectors.toSet());
    }

    private void awaitOthersThan(Set<String> before) {
        karaf.await("the workers " + before + " to be replaced", () -> {
            Set<String> now = pids();
            return now.size() == 2 && before.stream().noneMatch(now::contains);
        });
    }

    /** How it stands with the context, by the command for that. */
    private Map<String, String> context() throws IOException {
        return Table.parse(karaf.shell("monitor:contexts")).rows().stream()
                .filter(row -> row.get("context").equals("/python"))
                .findFirst()
                .orElse(Map.of());
    }

    @Test
    void recyclingClosesNoConnectionAndLosesNoRequest() throws Exception {
        try (Load load = new Load(karaf.httpPort(), CLIENTS, "/python", "/python")) {
            for (int i = 1; i <= Runs.times(3); i++) {
                Set<String> before = pids();
                assertEquals("", karaf.shell("worker:recycle " + pool).strip());
                awaitOthersThan(before);
                awaitOn(2);
                assertEquals(List.of(), load.failures(), "recycled for the " + i + ". time");
            }
            load.close();
            assertEquals(List.of(), load.failures());
            assertTrue(load.answered() > 0);
        }
    }

    @Test
    void aChangedFileIsNewCodeThatIsTriedFirst() throws Exception {
        try (Load load = new Load(karaf.httpPort(), CLIENTS, "/python", "/python")) {
            Set<String> before = pids();
            pool("python3 -m handoff.wsgi none:app");
            karaf.await("the wrong program to be named", () -> {
                Map<String, String> context = context();
                return context.getOrDefault("wanted", "").contains("handoff.wsgi none:app")
                        && context.getOrDefault("problem", "").contains("No module named 'none'");
            });
            // Beside them, one with the wrong program may just be tried again.
            assertTrue(pids().containsAll(before), "the former program goes on");
            app("Good day");
            pool("python3 -m handoff.wsgi app:app", "environment.NEW = 1");
            awaitOthersThan(before);
            karaf.await("new code", () -> karaf.get("/python").text().startsWith("Good day"));
            load.close();
            assertEquals(List.of(), load.failures());
        }
    }

    @Test
    void commandsForWorkersAreForProgramsToo() throws Exception {
        List<Map<String, String>> rows = rows();
        String off = rows.get(0).get("id");
        String info = karaf.shell("worker:info " + off);
        assertTrue(info.matches("(?s).*command +python3 -m handoff.wsgi app:app\\s.*"), info);
        assertEquals("", karaf.shell("worker:off " + off).strip());
        for (int i = 0; i < 10; i++) {
            assertEquals(rows.get(1).get("pid"), Long.toString(Pids.pidIn(karaf.get("/python"))));
        }
        assertEquals("", karaf.shell("worker:on " + off).strip());
        awaitOn(2);
        assertEquals("", karaf.shell("worker:kill " + off).strip());
        karaf.await(
                "another in its place",
                () -> pids().size() == 2 && !pids().contains(rows.get(0).get("pid")));
        assertTrue(karaf.shell("worker:roll " + pool).contains("serves"));
        assertEquals("", karaf.shell("worker:scale " + pool + " 3").strip());
        awaitOn(3);
    }

    @Test
    void aProgramThatCannotServeIsNamedAndOthersGoOn() throws Exception {
        for (String command :
                List.of("/nowhere/worker", folder.resolve("app.py").toString(), "sh -c 'exit 7'")) {
            drop();
            pool = "python" + ++made;
            pool(command);
            karaf.await(
                    command + " to be named",
                    () -> context().getOrDefault("state", "").equals("failed")
                            && !context().getOrDefault("problem", "").isEmpty());
            assertEquals(503, karaf.get("/python").status());
            assertEquals(200, karaf.get("/hello").status());
        }
        pool("python3 -m handoff.wsgi app:app");
        awaitOn(2);
        karaf.awaitStatus(200, "/python");
    }
}
