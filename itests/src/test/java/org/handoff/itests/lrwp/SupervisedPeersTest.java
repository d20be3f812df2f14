package org.handoff.itests.lrwp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.handoff.itests.handlers.named.Named;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Processes;
import org.handoff.itests.karaf.Roles;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Table;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Alternating;
import org.handoff.itests.loss.TestedPool;
import org.handoff.testkit.Asking;
import org.handoff.testkit.Ports;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Peers as workers of pools in our distribution, by their files in etc/ and the commands for all workers. */
class SupervisedPeersTest {

    private static final String MONITOR = "etc/org.handoff.monitor.cfg";
    private static final Path PERL =
            Path.of("..", "examples", "lrwp", "peer.pl").toAbsolutePath().normalize();
    private static final Path PYTHON = PERL.resolveSibling("peer.py");
    private static final int CLIENTS = 4;
    /** Of clients that send several requests at a time. */
    private static final int CONNECTIONS = 16;

    private static final int REQUESTS = Runs.times(200, 100_000);

    private static Karaf karaf;

    @BeforeAll
    static void start() throws Exception {
        int port = Ports.free();
        int peerPort = Ports.free();
        karaf = Karaf.start(
                OurKaraf.archive("peers-karaf"),
                port,
                editConfigurationFilePut(MONITOR, "address", "127.0.0.1"),
                editConfigurationFilePut(MONITOR, "port", Integer.toString(port)));
        karaf.configure(Workers.CFG, "settle.time", "1");
        // Before there is an agent: it waits.
        pool("early", "kind = lrwp", "command = perl " + PERL, "workers = 1");
        karaf.await(
                "the pool without an agent",
                () -> karaf.shell("worker:list")
                        .contains("Pool early is waiting for the LRWP agent; feature:install handoff-lrwp brings it"));
        karaf.install("handoff-lrwp");
        karaf.await("the agent's configuration", () -> Files.exists(karaf.file("etc/org.handoff.lrwp.cfg")));
        karaf.configure("org.handoff.lrwp.cfg", "port", Integer.toString(peerPort));
        awaitOn("early", 1);
        karaf.awaitStatus(200, "/early");
        drop("early");
    }

    @AfterAll
    static void stop() throws IOException {
        if (karaf != null) {
            karaf.close();
        }
    }

    @AfterEach
    void nothingIsLeft() {
        karaf.await("the end of all peers", () -> karaf.workers().isEmpty());
    }

    /** Makes a pool, as a user does: by its file. */
    private static void pool(String name, String... lines) throws IOException {
        karaf.write(file(name), String.join("\n", lines) + "\n");
    }

    private static String file(String name) {
        return "org.handoff.pool-" + name + ".cfg";
    }

    /** Ends a pool; nothing of it is left when this returns. */
    private static void drop(String name) throws IOException {
        karaf.delete(file(name));
        karaf.awaitStatus(404, "/" + name);
        karaf.await("the end of the processes", () -> karaf.workers().isEmpty());
    }

    private static List<Map<String, String>> awaitOn(String pool, int count) {
        List<Map<String, String>> rows = new ArrayList<>();
        karaf.await(count + " workers of " + pool + " that are on", () -> {
            rows.clear();
            Table.parse(karaf.shell("worker:list")).rows().stream()
                    .filter(row -> row.get("pool").equals(pool))
                    .forEach(rows::add);
            return rows.size() == count
                    && rows.stream().allMatch(row -> row.get("state").equals("on"));
        });
        return rows;
    }

    private static Set<String> pids(List<Map<String, String>> rows) {
        return rows.stream().map(row -> row.get("pid")).collect(Collectors.toSet());
    }

    /** Clients that ask for the process that answers. */
    private static Asking asking() {
        return new Asking(CLIENTS, () -> {
            Http.Answer answer = karaf.get("/app?pid");
            assertEquals(200, answer.status(), answer.text());
            return answer.text();
        });
    }

    @Test
    void commandsForWorkersAreForPeersToo() throws Exception {
        pool("app", "kind = lrwp", "command = python3 " + PYTHON);
        List<Map<String, String>> both = awaitOn("app", 2);
        assertTrue(pids(both).contains(karaf.get("/app?pid").text()));
        String off = both.get(0).get("id");
        String info = karaf.shell("worker:info " + off);
        assertTrue(info.matches("(?s).*command +python3 " + PYTHON + "\\s.*connections +0 busy, 1 free.*"), info);

        karaf.shell("worker:off " + off);
        karaf.await("its peer to be off", () -> karaf.shell("lrwp:peers").contains("off"));
        for (int i = 0; i < 10; i++) {
            assertEquals(both.get(1).get("pid"), karaf.get("/app?pid").text());
        }
        karaf.shell("worker:on " + off);
        awaitOn("app", 2);

        String dump = karaf.shell("worker:dump " + off);
        assertTrue(dump.contains("worker " + off + " is an LRWP peer, which writes no thread dump"), dump);
        assertTrue(karaf.shell("worker:top").contains("Pool app: 2 workers of 2"));
        karaf.shell("worker:kill " + off);
        karaf.await("its end", () -> !karaf.shell("worker:list").contains(off));
        awaitOn("app", 2);
        karaf.shell("worker:scale app 3");
        awaitOn("app", 3);
        karaf.shell("worker:scale app 1");
        awaitOn("app", 1);
        drop("app");
    }

    @Test
    void peersRunAsAnotherUser() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root may start processes of other users");
        pool(
                "app",
                "kind = lrwp",
                "command = /usr/bin/python3 -B " + PYTHON,
                "user = nobody",
                "umask = 077",
                "nice = 2");
        for (String pid : pids(awaitOn("app", 2))) {
            Map<String, String> status = Processes.status(Long.parseLong(pid));
            assertEquals("65534\t65534\t65534\t65534", status.get("Uid"));
            assertEquals("", status.get("Groups"));
            assertEquals("0000000000000000", status.get("CapEff"));
            assertEquals("0077", status.get("Umask"));
            assertEquals("2", Processes.stat(Long.parseLong(pid), Processes.NICE));
            assertEquals(pid, Processes.stat(Long.parseLong(pid), Processes.SESSION));
        }
        assertEquals(200, karaf.get("/app").status());
        drop("app");
    }

    @Test
    void viewersSeePeersManagersManageThemAndAdminsDisconnect() throws Exception {
        Roles.areKept(karaf, Roles.OF_PEERS);
    }

    @Test
    void recyclingUnderLoadLosesNothing() throws Exception {
        pool("app", "kind = lrwp", "command = perl " + PERL);
        Set<String> before = pids(awaitOn("app", 2));
        try (Asking load = asking()) {
            karaf.shell("worker:recycle app");
            karaf.await(
                    "other processes",
                    () -> karaf.workers().stream().noneMatch(process -> before.contains(Long.toString(process.pid()))));
            Set<String> after = pids(awaitOn("app", 2));
            // Changed settings replace them too.
            karaf.configure(file("app"), "environment.COLOUR", "green");
            karaf.await(
                    "other processes",
                    () -> karaf.workers().stream().noneMatch(process -> after.contains(Long.toString(process.pid()))));
            awaitOn("app", 2);
            load.await(20);
            load.end();
            System.out.println("SupervisedPeersTest: " + load.count() + " requests while "
                    + load.answers().size() + " processes took turns");
            assertTrue(load.answers().size() >= 4, load.answers().toString());
        }
        drop("app");
    }

    /** Workers in Java, C and Python and peers take turns on each connection, while all of them are replaced. */
    @Test
    void targetsOfAllKindsAlternateOnPipelinedConnectionsWhileEveryPoolIsRecycled() throws Exception {
        pool("app", "kind = lrwp", "command = " + LrwpPeer.program());
        awaitOn("app", 2);
        karaf.deploy(HandlerBundle.build("test.named", Named.class), "named.jar");
        karaf.awaitStatus(200, "/java");
        try (TestedPool c = new TestedPool(karaf, TestedPool.Kind.C);
                TestedPool python = new TestedPool(karaf, TestedPool.Kind.PYTHON)) {
            List<Alternating.Asked> targets = new ArrayList<>();
            targets.add(named("/java", "/java"));
            targets.add(named("/c/named", "/c"));
            targets.add(named("/python/named", "/python"));
            targets.add(new Alternating.Asked(
                    "/app",
                    (name, text) ->
                            text.contains("\nSCRIPT_NAME=/app\n") && text.contains("\nQUERY_STRING=" + name + "\n")));
            List<String> pools = List.of("default", c.name(), python.name(), "app");
            int rounds = 0;
            Alternating load = new Alternating(karaf.httpPort(), CONNECTIONS, REQUESTS, targets);
            try (load) {
                do {
                    for (String pool : pools) {
                        Set<String> before = pids(awaitOn(pool, 2));
                        assertEquals("", karaf.shell("worker:recycle " + pool).strip());
                        karaf.await(
                                "others of pool " + pool,
                                () -> karaf.workers().stream()
                                        .noneMatch(process -> before.contains(Long.toString(process.pid()))));
                        assertEquals(List.of(), load.failures(), "after recycling " + pool);
                    }
                    rounds++;
                } while (Runs.areLong() && load.isUnderWay());
            }
            assertEquals(List.of(), load.failures());
            System.out.printf(
                    "%d requests to Java, C, Python and a peer in turn, pipelined on %d kept connections: all answered "
                            + "by the right one in the right order, while every pool was recycled %d times%n",
                    load.answered(), CONNECTIONS, rounds);
        } finally {
            karaf.undeployAndAwait("named.jar", "/java");
            drop("app");
        }
    }

    private static Alternating.Asked named(String path, String context) {
        return new Alternating.Asked(
                path, (name, text) -> text.startsWith(name + " from " + context + ", worker process "));
    }

    @Test
    void killedPeerIsReplacedAndRequestsWaitForIt() throws Exception {
        pool("app", "kind = lrwp", "command = perl " + PERL, "workers = 1");
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 3; i++) {
            long pid = Long.parseLong(awaitOn("app", 1).get(0).get("pid"));
            assertTrue(seen.add(Long.toString(pid)));
            ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
            process.destroyForcibly();
            process.onExit().join();
            Http.Answer next = karaf.get("/app?pid");
            assertEquals(200, next.status());
            assertFalse(seen.contains(next.text()), "the request waits for the next process");
        }
        drop("app");
    }

    @Test
    void peerGetsNoMoreThanMaxRequests() throws Exception {
        pool("app", "kind = lrwp", "command = perl " + PERL, "max.requests = 50", "max.requests.jitter = 0");
        awaitOn("app", 2);
        try (Asking load = asking()) {
            load.await(500);
            load.end();
            assertTrue(load.answers().size() >= 10, load.answers().toString());
            assertTrue(
                    load.answers().values().stream().allMatch(count -> count <= 50),
                    load.answers().toString());
        }
        drop("app");
    }

    @Test
    void cgiProgramsAnswerGetAndPost() throws Exception {
        Path programs = Files.createDirectories(karaf.file("data/cgi-bin"));
        program(
                programs,
                "hello.sh",
                "#!/bin/sh",
                "echo Content-Type: text/plain",
                "echo",
                "echo \"Hello $PATH_INFO $QUERY_STRING\"");
        program(
                programs,
                "echo.pl",
                "#!/usr/bin/env perl",
                "binmode STDIN; binmode STDOUT;",
                "read STDIN, my $body, $ENV{CONTENT_LENGTH};",
                "print \"Content-Type: text/plain\\n\\n$body\";");
        pool("cgi", "kind = cgi", "directory = " + programs, "context = /cgi", "workers = 1");
        awaitOn("cgi", 1);
        assertEquals("Hello /path a=b\n", karaf.get("/cgi/hello.sh/path?a=b").text());
        byte[] body = "posted \u0000\u00FF".getBytes(StandardCharsets.ISO_8859_1);
        assertArrayEquals(
                body, Http.post(karaf.httpPort(), "/cgi/echo.pl", body).body());
        assertEquals(404, karaf.get("/cgi/missing").status());
        program(programs, "fails.sh", "#!/bin/sh", "echo why it fails >&2", "exit 3");
        assertEquals(502, karaf.get("/cgi/fails.sh").status());
        karaf.await("its error in the log", () -> karaf.log().stream().anyMatch(line -> line.contains("why it fails")));
        drop("cgi");
    }

    private static void program(Path folder, String name, String... lines) throws IOException {
        Path program = Files.write(folder.resolve(name), List.of(lines));
        assertTrue(program.toFile().setExecutable(true));
    }
}
