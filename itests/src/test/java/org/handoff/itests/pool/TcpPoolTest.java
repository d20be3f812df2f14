package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.handoff.itests.karaf.CWorker;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Table;
import org.handoff.itests.load.Lines;
import org.handoff.testkit.Client;
import org.handoff.testkit.OpenDescriptors;
import org.handoff.testkit.Ports;
import org.handoff.testkit.Signals;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Pools with a port of their own, for any protocol: the line protocol and the echo of libhandoff's examples. */
@ExtendWith(OurKaraf.class)
class TcpPoolTest {

    private static final int CLIENTS = 24;

    /** How many pools there were. */
    private static int made;

    private final Karaf karaf;
    /** The pool's name: each time another one, as Karaf may miss that a file was deleted and made again. */
    private String pool;

    private int port;

    @TempDir
    Path folder;

    TcpPoolTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @AfterEach
    void undeploy() throws IOException {
        karaf.delete(file());
        karaf.await("the end of its processes", () -> karaf.workers().size() == 2);
        assertThrows(IOException.class, () -> new Client(port).close(), "the port is closed with its pool");
    }

    private String file() {
        return "org.handoff.pool-" + pool + ".cfg";
    }

    private void pool(String command, String... more) throws Exception {
        pool = "tcp" + ++made;
        port = Ports.free();
        configure(command, more);
    }

    private void configure(String command, String... more) throws IOException {
        List<String> lines = new ArrayList<>(
                List.of("kind = native", "command = " + command, "protocol = tcp", "listen = 0.0.0.0:" + port));
        lines.addAll(List.of(more));
        karaf.write(file(), String.join("\n", lines) + "\n");
    }

    /** A pool whose two workers are on. */
    private void lines(String... more) throws Exception {
        List<String> keys = new ArrayList<>(List.of(more));
        keys.add("dispatch = request");
        pool(CWorker.example("lines").toString(), keys.toArray(String[]::new));
        awaitOn(2);
    }

    private List<Map<String, String>> rows() throws IOException {
        return Table.parse(karaf.shell("worker:list")).rows().stream()
                .filter(row -> row.get("pool").equals(pool))
                .toList();
    }

    private void awaitOn(int count) {
        karaf.await(count + " workers of " + pool, () -> {
            List<Map<String, String>> rows = rows();
            return rows.size() == count
                    && rows.stream().allMatch(row -> row.get("state").equals("on"));
        });
    }

    private Set<String> pids() throws IOException {
        return rows().stream().map(row -> row.get("pid")).collect(Collectors.toSet());
    }

    private void kill(String pid) {
        ProcessHandle.of(Long.parseLong(pid)).ifPresent(ProcessHandle::destroyForcibly);
    }

    private void recycle() throws IOException {
        Set<String> before = pids();
        command("worker:recycle " + pool);
        karaf.await("the workers " + before + " to be replaced", () -> {
            Set<String> now = pids();
            return now.size() == 2 && before.stream().noneMatch(now::contains);
        });
        awaitOn(2);
    }

    private void command(String command) throws IOException {
        assertEquals("", karaf.shell(command).strip(), command);
    }

    /** How it stands with the pool's address, by the command for that. */
    private Map<String, String> context() throws IOException {
        return Table.parse(karaf.shell("monitor:contexts")).rows().stream()
                .filter(row -> row.get("target").equals("pool " + pool))
                .findFirst()
                .orElse(Map.of());
    }

    /** What monitor:status says of the pool's port. */
    private String listener() throws IOException {
        return Table.parse(karaf.shell("monitor:status")).rows().stream()
                .filter(row -> row.get("what").equals("listener of pool " + pool))
                .map(row -> row.get("value"))
                .findFirst()
                .orElse("");
    }

    @Test
    void recyclingClosesNoConnectionAndLosesNoLine() throws Exception {
        lines();
        try (Lines load = new Lines(port, CLIENTS)) {
            for (int i = 1; i <= Runs.times(10); i++) {
                // One each time: the monitor closes a connection that is silent for its idle.timeout.
                try (Client silent = new Client(port)) {
                    recycle();
                    assertEquals(List.of(), load.failures(), "recycled for the " + i + ". time");
                    assertEquals("at last", Lines.exchange(silent, "at last"));
                }
            }
            load.close();
            assertEquals(List.of(), load.failures());
            assertTrue(load.answered() > CLIENTS, "answered: " + load.answered());
            System.out.println(load.answered() + " lines on " + CLIENTS + " connections, recycled " + Runs.times(10)
                    + " times: none lost");
        }
    }

    @Test
    void aKilledWorkerClosesOnlyTheConnectionItWasServing() throws Exception {
        lines("crash.limit = 1000/1");
        OpenDescriptors descriptors = OpenDescriptors.of(karaf.pid());
        int kills = 0;
        try (Lines load = new Lines(port, CLIENTS)) {
            for (int i = 0; i < Runs.times(2); i++) {
                long before = load.answered();
                karaf.await("further lines", () -> load.answered() > before + CLIENTS);
                for (String pid : pids()) {
                    kill(pid);
                    kills++;
                }
                awaitOn(2);
            }
            load.close();
            assertTrue(load.failures().size() <= kills, load.failures()::toString);
        }
        descriptors.awaitNoMore();
    }

    @Test
    void connectionsThatSayNothingOutliveAllWorkers() throws Exception {
        lines();
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Client(port));
                assertEquals("a", Lines.exchange(clients.get(i), "a"));
            }
            // A client has its line a moment before the worker gives the connection back.
            karaf.await(
                    "all connections with the monitor",
                    () -> rows().stream().allMatch(row -> row.get("connections").equals("0")));
            Set<String> before = pids();
            before.forEach(this::kill);
            for (Client client : clients) {
                // The pieces of a line, and several at once.
                client.send("b").send("c\nd\ne\n");
                assertEquals("bc", Lines.receive(client));
                assertEquals("d", Lines.receive(client));
                assertEquals("e", Lines.receive(client));
            }
            assertTrue(pids().stream().noneMatch(before::contains));
            assertTrue(listener().endsWith(", " + CLIENTS + " connections, 0 closed unserved"), this::listenerText);
            assertTrue(clients.get(0).send("quit\n").atEnd());
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    private String listenerText() {
        try {
            return listener();
        } catch (IOException e) {
            return e.toString();
        }
    }

    @Test
    void linesWaitWhileAllWorkersAreOff() throws Exception {
        lines("queue.timeout = 600");
        List<Map<String, String>> rows = rows();
        try (Client kept = new Client(port)) {
            assertEquals("a", Lines.exchange(kept, "a"));
            command("worker:off " + rows.get(0).get("id"));
            for (int i = 0; i < 5; i++) {
                assertEquals("b" + i, Lines.exchange(kept, "b" + i));
            }
            command("worker:off " + rows.get(1).get("id"));
            kept.send("c\n");
            try (Client fresh = new Client(port)) {
                fresh.send("d\n");
                karaf.await(
                        "both in the queue",
                        () -> karaf.shell("worker:top")
                                .contains("Pool " + pool + ": 2 workers of 2, 2 connections waiting"));
                command("worker:on " + rows.get(0).get("id"));
                assertEquals("c", Lines.receive(kept));
                assertEquals("d", Lines.receive(fresh));
            }
        }
    }

    @Test
    void anEchoGoesOnWhileItsWorkersAreReplaced() throws Exception {
        pool(CWorker.example("echo").toString());
        awaitOn(2);
        byte[] bytes = "0123456789abcdef".repeat(1 << 12).getBytes();
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(new Client(port));
            }
            for (int i = 0; i < Runs.times(1); i++) {
                for (Client client : clients) {
                    client.send(bytes);
                }
                recycle();
                for (Client client : clients) {
                    assertEquals(new String(bytes), new String(client.in().readNBytes(bytes.length)));
                    assertEquals("and on", Lines.exchange(client, "and on"));
                }
            }
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    @Test
    void aNewConnectionGoesToTheNextWorkerAtOnceAsThatMayHaveToSpeakFirst() throws Exception {
        Files.writeString(folder.resolve("greeter.py"), """
                import os
                from handoff import protocol
                from handoff.connections import Connections

                connections = Connections()
                connections.ready()
                held = []
                while not connections.over():
                    taken = connections.take(0.05)
                    if taken is not None:
                        taken.state(protocol.STATE_IDLE)
                        held.append(taken)
                        if os.path.exists("greets"):
                            taken.socket.sendall(b"welcome\\n")
                    if not connections.is_on:
                        while held:
                            held.pop().give_back(protocol.REQUESTED)
                """);
        pool(
                "python3 greeter.py",
                "directory = " + folder,
                "workers = 1",
                "heartbeat = 0",
                "environment.PYTHONDONTWRITEBYTECODE = 1",
                "environment.PYTHONPATH = "
                        + Path.of("..", "sdk", "python").toAbsolutePath().normalize());
        awaitOn(1);
        try (Client recycled = new Client(port)) {
            karaf.await(
                    "the connection in the worker",
                    () -> karaf.shell("worker:info " + rows().get(0).get("id")).contains("1 idle"));
            Files.createFile(folder.resolve("greets"));
            command("worker:recycle " + pool);
            assertEquals("welcome", Lines.receive(recycled));
        }
        awaitOn(1);
        String pid = rows().get(0).get("pid");
        Signals.send(Long.parseLong(pid), "STOP");
        try (Client untaken = new Client(port)) {
            karaf.await(
                    "the connection before the stopped worker",
                    () -> karaf.shell("worker:info " + rows().get(0).get("id")).contains("1 untaken"));
            kill(pid);
            assertEquals("welcome", Lines.receive(untaken));
        }
    }

    @Test
    void connectionsAreClosedAndCountedWhereNobodyServes() throws Exception {
        pool("sh -c 'echo no such table; exit 7'");
        karaf.await(
                "the failed program",
                () -> context().getOrDefault("problem", "").contains("no such table")
                        && context().getOrDefault("state", "").equals("failed"));
        assertEquals("tcp://0.0.0.0:" + port, context().get("context"));
        for (int i = 0; i < 3; i++) {
            try (Client client = new Client(port)) {
                assertTrue(client.atEnd());
            }
        }
        assertTrue(listener().startsWith("listening on 0.0.0.0:" + port), listener());
        assertFalse(listener().contains(" 0 closed unserved"), listener());
        assertTrue(karaf.log().stream()
                .anyMatch(line -> line.contains("0.0.0.0:" + port + " were closed")
                        && line.contains("pool " + pool + " did not serve them")));
        assertEquals(200, karaf.get("/hello").status());
    }

    @Test
    void whatIsWrongInTheFileIsNamed() throws Exception {
        String lines = CWorker.example("lines").toString();
        pool(lines, "protocol = udp");
        awaitProblem("protocol = udp: no such protocol");
        configure(lines, "context = /app");
        awaitProblem("context = /app: only HTTP has contexts");
        try (ServerSocket taken = new ServerSocket(port)) {
            configure(lines);
            karaf.await(
                    "the port in use",
                    () -> context().getOrDefault("problem", "").contains("cannot listen on 0.0.0.0:" + port));
            assertTrue(listener().startsWith("cannot listen on 0.0.0.0:" + port), listener());
        }
        awaitOn(2);
        karaf.await("the port", () -> listener().startsWith("listening on 0.0.0.0:" + port));
        try (Client client = new Client(port)) {
            assertEquals("a", Lines.exchange(client, "a"));
            // Another address is another program to be tried, and the former one serves until then.
            int former = port;
            port = Ports.free();
            configure(lines);
            karaf.await("the other port", () -> listener().startsWith("listening on 0.0.0.0:" + port));
            try (Client other = new Client(port)) {
                assertEquals("b", Lines.exchange(other, "b"));
            }
            karaf.await("the end of the former port", () -> {
                try (Client gone = new Client(former)) {
                    return false;
                } catch (IOException e) {
                    return true;
                }
            });
        }
    }

    private void awaitProblem(String problem) {
        karaf.await(problem, () -> karaf.shell("worker:list").contains(problem));
    }
}
