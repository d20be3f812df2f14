package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.handoff.itests.karaf.CWorker;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Processes;
import org.handoff.itests.karaf.Table;
import org.handoff.itests.karaf.Workers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a worker's process is to the system, whatever it runs: what it has of Karaf's, who it runs as and within which
 * limits, and that it ends with Karaf.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WorkerProcessTest {

    private static final Path SDK = Path.of("..", "sdk").toAbsolutePath().normalize();
    private static final String NOBODY = "65534";
    private static final String NO_CAPABILITY = "0000000000000000";

    @TempDir
    static Path folder;

    private static Karaf karaf;

    /** What the workers run. */
    enum Kind {
        JAVA("default", "/hello"),
        C("c", "/c"),
        PYTHON("python", "/python");

        final String pool;
        final String path;

        Kind(String pool, String path) {
            this.pool = pool;
            this.path = path;
        }

        String file() {
            return "org.handoff.pool-" + pool + ".cfg";
        }
    }

    @BeforeAll
    static void start() throws Exception {
        // Others must be able to read a program of theirs.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path worker = CWorker.build(folder);
        Files.writeString(folder.resolve("app.py"), """
                def app(environ, start_response):
                    environ["wsgi.input"].read()
                    start_response("200 OK", [("Content-Type", "text/plain")])
                    return [b"Hello"]
                """);
        karaf = OurKaraf.startAnother("processes-karaf");
        karaf.configure(Workers.CFG, "environment.OF_THE_FILE", "yes");
        karaf.write(Kind.C.file(), "kind = native\ncommand = " + worker + "\nenvironment.OF_THE_FILE = yes\n");
        karaf.write(
                Kind.PYTHON.file(),
                "kind = native\ncommand = /usr/bin/python3 -B -m handoff.wsgi app:app\ndirectory = " + folder
                        + "\nenvironment.OF_THE_FILE = yes\nenvironment.PYTHONPATH = " + SDK.resolve("python") + "\n");
        for (Kind kind : Kind.values()) {
            awaitServing(kind);
        }
    }

    @AfterAll
    static void stop() throws IOException {
        if (karaf != null) {
            karaf.close();
        }
    }

    private static Set<Long> pids(Kind kind) throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows().stream()
                .filter(row ->
                        row.get("pool").equals(kind.pool) && row.get("state").equals("on"))
                .map(row -> Long.parseLong(row.get("pid")))
                .collect(Collectors.toSet());
    }

    private static void awaitServing(Kind kind) {
        karaf.await("two workers of " + kind, () -> pids(kind).size() == 2);
        karaf.awaitStatus(200, kind.path);
    }

    /** Sets keys of a pool, each followed by its value, and waits until workers with them serve. */
    private static Set<Long> replacedBy(Kind kind, String... keysAndValues) throws IOException {
        Set<Long> before = pids(kind);
        karaf.configure(kind.file(), keysAndValues);
        karaf.await("the workers of " + kind + " to be replaced", () -> {
            Set<Long> now = pids(kind);
            return now.size() == 2 && before.stream().noneMatch(now::contains);
        });
        return pids(kind);
    }

    private static Map<String, String> context(String context) throws IOException {
        return Table.parse(karaf.shell("monitor:contexts")).rows().stream()
                .filter(row -> row.get("context").equals(context))
                .findFirst()
                .orElse(Map.of());
    }

    // ---- what it has

    @ParameterizedTest
    @EnumSource
    @Order(1)
    void hasNothingOfKarafsAndASessionOfItsOwn(Kind kind) throws IOException {
        for (long pid : pids(kind)) {
            Map<Integer, String> open = Processes.open(pid);
            // Programs may move their control socket from there.
            assertTrue(open.get(0).startsWith("socket:") || open.get(0).equals("/dev/null"), open::toString);
            assertTrue(open.get(1).startsWith("pipe:"), () -> "its output: " + open);
            assertEquals(open.get(1), open.get(2));
            // The connection that was just served closes in a moment.
            karaf.await(
                    "worker " + pid + " of " + kind + " to have nothing open of Karaf's: " + open,
                    () -> foreign(kind, pid).isEmpty());
            assertEquals(
                    kind == Kind.JAVA ? Set.of("OF_THE_FILE", "MALLOC_TRIM_THRESHOLD_") : Set.of("OF_THE_FILE"),
                    environment(pid),
                    "variables beside the usual ones");
            assertEquals(Long.toString(pid), Processes.stat(pid, Processes.SESSION), "its session");
            assertEquals(Long.toString(pid), Processes.stat(pid, Processes.GROUP), "its process group");
        }
    }

    /** What a process has open that it has not opened itself, beside its control socket and its output. */
    private static Set<String> foreign(Kind kind, long pid) throws IOException {
        Map<Integer, String> open = Processes.open(pid);
        Collection<String> karafs = Processes.open(karaf.pid()).values();
        open.keySet().removeAll(List.of(0, 1, 2));
        open.values()
                .removeIf(target -> target.matches("(socket|pipe):.*") && !karafs.contains(target)
                        || target.startsWith("anon_inode:")
                        || isItsOwn(kind, target));
        return new TreeSet<>(open.values());
    }

    /** A JVM's classes, what the pool has made for it, and its scoreboard. */
    private static boolean isItsOwn(Kind kind, String file) {
        return file.startsWith(System.getProperty("java.home"))
                || file.matches("/dev/u?random")
                || file.matches(".*/data/(runtime|class-archives|pool-" + kind.pool + ")/.*");
    }

    private static Set<String> environment(long pid) throws IOException {
        return Stream.of(Files.readString(Path.of("/proc", Long.toString(pid), "environ"), StandardCharsets.ISO_8859_1)
                        .split("\0"))
                .map(variable -> variable.split("=", 2)[0])
                .filter(name -> !name.matches("PATH|LANG|TZ|LC_.*|HANDOFF_.*|PYTHONPATH"))
                .collect(Collectors.toSet());
    }

    // ---- who it runs as

    @ParameterizedTest
    @EnumSource
    @Order(2)
    void runsAsItsFileSaysAndNothingMore(Kind kind) throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root may start processes of other users");
        String cpu = Processes.status(karaf.pid()).get("Cpus_allowed_list").split("[-,]")[0];
        Set<Long> workers = replacedBy(
                kind,
                "user",
                "nobody",
                "umask",
                "0027",
                "limit.nofile",
                "512",
                "limit.core",
                "1m",
                "nice",
                "3",
                "cpus",
                cpu);
        for (long pid : workers) {
            Map<String, String> status = Processes.status(pid);
            assertEquals(String.join("\t", NOBODY, NOBODY, NOBODY, NOBODY), status.get("Uid"));
            assertEquals(String.join("\t", NOBODY, NOBODY, NOBODY, NOBODY), status.get("Gid"));
            assertEquals("", status.get("Groups"));
            for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
                assertEquals(NO_CAPABILITY, status.get(set), set);
            }
            assertEquals("1", status.get("NoNewPrivs"));
            assertEquals("0027", status.get("Umask"));
            assertEquals(cpu, status.get("Cpus_allowed_list"));
            assertEquals("3", Processes.stat(pid, Processes.NICE));
            assertEquals(List.of("512", "512"), Processes.limit(pid, "Max open files"));
            assertEquals(List.of("1048576", "1048576"), Processes.limit(pid, "Max core file size"));
        }
        // A body that needs a file, in a folder where its user may write.
        assertEquals(200, upload(kind.path, 3 << 20));
        Set<Long> group = replacedBy(kind, "user", "", "group", "daemon");
        for (long pid : group) {
            Map<String, String> status = Processes.status(pid);
            assertEquals("0\t0\t0\t0", status.get("Uid"));
            assertEquals("1\t1\t1\t1", status.get("Gid"));
            assertEquals("", status.get("Groups"));
            assertEquals(NO_CAPABILITY, status.get("CapEff"));
        }
        assertEquals(200, upload(kind.path, 3 << 20));
    }

    private static int upload(String path, int bytes) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + karaf.httpPort() + path))
                                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[bytes]))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"user = no-such-user", "group = no-such-group", "limit.nofile = 999999999", "cpus = 0,4095"})
    @Order(3)
    void whatTheMachineCannotDoIsNamedAndStartsNothing(String line) throws Exception {
        Path started = folder.resolve("started");
        String wrong = "wrong" + line.replaceAll("\\W", "");
        karaf.write(
                "org.handoff.pool-" + wrong + ".cfg", "kind = native\ncommand = touch " + started + "\n" + line + "\n");
        karaf.await(
                line + " to be named",
                () -> context("/" + wrong).getOrDefault("problem", "").contains(line));
        assertEquals("failed", context("/" + wrong).get("state"));
        assertEquals(503, karaf.get("/" + wrong).status());
        assertTrue(Files.notExists(started), "nothing was started");
        List<String> told = karaf.log().stream()
                .filter(one -> one.contains("Pool " + wrong + " is not made"))
                .toList();
        assertEquals(1, told.size(), () -> "once in the log: " + told);
        assertTrue(told.get(0).contains(line), told.get(0));
        karaf.delete("org.handoff.pool-" + wrong + ".cfg");
        karaf.awaitStatus(404, "/" + wrong);
    }

    @Test
    @Order(3)
    void aChangeThatTheMachineCannotDoChangesNothing() throws Exception {
        Set<Long> before = pids(Kind.C);
        karaf.configure(Kind.C.file(), "cpus", "4095");
        karaf.await("the refusal", () -> karaf.shell("worker:list").contains("cpus = 4095"));
        assertEquals(before, pids(Kind.C));
        assertEquals(200, karaf.get("/c").status());
        karaf.configure(Kind.C.file(), "cpus", "");
        karaf.await("no refusal", () -> !karaf.shell("worker:list").contains("4095"));
    }

    @Test
    @Order(3)
    void aControlGroupHoldsThePoolOrIsNamedAsMissing() throws Exception {
        karaf.write(
                "org.handoff.pool-grouped.cfg",
                "kind = native\ncgroup.memory = 256m\ncommand = " + folder.resolve(CWorker.NAME) + "\n");
        karaf.await(
                "a verdict",
                () -> List.of("serving", "failed").contains(context("/grouped").getOrDefault("state", "")));
        if (context("/grouped").get("state").equals("serving")) {
            String pid = Table.parse(karaf.shell("worker:list")).rows().stream()
                    .filter(row -> row.get("pool").equals("grouped"))
                    .findFirst()
                    .orElseThrow()
                    .get("pid");
            assertTrue(
                    Files.readString(Path.of("/proc", pid, "cgroup")).contains("/handoff-pool-grouped"),
                    "it is in the pool's group");
        } else {
            String problem = context("/grouped").get("problem");
            assertTrue(problem.contains("cgroup.memory = 256m") && problem.contains("control group"), problem);
        }
        karaf.delete("org.handoff.pool-grouped.cfg");
        karaf.awaitStatus(404, "/grouped");
    }

    // ---- its end

    @Test
    @Order(4)
    void isGoneWhenKarafIsKilled() throws IOException {
        List<ProcessHandle> workers = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            pids(kind).forEach(pid -> workers.add(ProcessHandle.of(pid).orElseThrow()));
        }
        assertEquals(6, workers.size());
        karaf.kill();
        Processes.awaitEnd("all workers", workers);
    }
}
