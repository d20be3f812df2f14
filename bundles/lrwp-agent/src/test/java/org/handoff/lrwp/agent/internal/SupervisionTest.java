package org.handoff.lrwp.agent.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

import org.handoff.monitor.internal.MonitorComponent;
import org.handoff.worker.pool.internal.LrwpTestPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A pool of real peers, with the real agent and monitor. */
@Timeout(120)
class SupervisionTest {

    private static final String PERL = "perl ../../examples/lrwp/peer.pl";
    private static final int CLIENTS = 4;

    @TempDir
    Path folder;

    private final Server server = new Server();
    private final Set<ProcessHandle> seen = new HashSet<>();
    private LrwpTestPool pool;

    @AfterEach
    void close() {
        if (pool != null) {
            remember();
            pool.close();
        }
        server.close();
        Server.await(() -> seen.stream().noneMatch(ProcessHandle::isAlive), "end of all processes");
    }

    private void start(String... configuration) {
        pool = new LrwpTestPool(server.monitor.component.loop(), server.agent, configuration);
    }

    private void remember() {
        for (LrwpTestPool.Seen worker : pool.workers()) {
            ProcessHandle.of(worker.pid()).ifPresent(process -> {
                seen.add(process);
                process.descendants().forEach(seen::add);
            });
        }
    }

    private List<LrwpTestPool.Seen> awaitOn(int count) {
        Server.await(
                () -> {
                    List<LrwpTestPool.Seen> workers = pool.workers();
                    return workers.size() == count
                            && workers.stream().allMatch(one -> one.state().equals("on"));
                },
                count + " workers that are on");
        remember();
        return pool.workers();
    }

    /** The process that answered. */
    private long ask() throws IOException {
        try (Client client = server.client()) {
            Client.Answer answer = client.get("/test?pid").answer();
            assertEquals(200, answer.status());
            return Long.parseLong(answer.text());
        }
    }

    private Path script(String name, String... lines) throws IOException {
        Path script = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + String.join("\n", lines) + "\n");
        assertTrue(script.toFile().setExecutable(true));
        return script;
    }

    @ParameterizedTest
    @MethodSource("org.handoff.lrwp.agent.internal.PeerProgram#languages")
    void programOfAnyLanguageIsAWorker(String language) throws Exception {
        start("command", String.join(" ", PeerProgram.command(language)), "workers", "1");
        LrwpTestPool.Seen worker = awaitOn(1).get(0);
        assertEquals(worker.pid(), ask());
        Server.await(() -> pool.workers().get(0).requests() == 1, "request's count");
        assertEquals(1, pool.workers().get(0).connections());
    }

    @Test
    void programIsToldItsEnvironmentAndContext() throws Exception {
        Path printed = folder.resolve("printed");
        Path program = script(
                "app.sh",
                "env > " + printed,
                "pwd >> " + printed,
                "exec perl " + Path.of("../../examples/lrwp/peer.pl").toRealPath());
        start(
                "command",
                "./app.sh",
                "directory",
                folder.toString(),
                "context",
                "/some/app",
                "workers",
                "1",
                "environment.COLOUR",
                "green");
        assertTrue(Files.exists(program));
        awaitOn(1);
        List<String> lines = Files.readAllLines(printed);
        assertTrue(
                lines.containsAll(List.of(
                        "HANDOFF_LRWP_HOST=127.0.0.1",
                        "HANDOFF_LRWP_NAME=some/app",
                        "COLOUR=green",
                        "HANDOFF_LRWP_TIMEOUT=60",
                        folder.toRealPath().toString())),
                lines.toString());
        assertTrue(lines.stream().noneMatch(line -> line.startsWith("HOME=")), "nothing of Karaf's: " + lines);
        try (Client client = server.client()) {
            assertEquals(200, client.get("/some/app/x").answer().status());
        }
        int port = lines.stream()
                .filter(line -> line.startsWith("HANDOFF_LRWP_PORT="))
                .findFirst()
                .map(line -> Integer.parseInt(line.substring(line.indexOf('=') + 1)))
                .orElseThrow();
        try (Socket stranger = new Socket(InetAddress.getLoopbackAddress(), port)) {
            stranger.setSoTimeout((int) TimeUnit.SECONDS.toMillis(Server.DEADLINE_SECONDS));
            assertEquals(-1, stranger.getInputStream().read(), "that port is for processes of pools only");
        }
    }

    @Test
    void processOfAPoolNeedsNeitherPasswordNorTls() throws Exception {
        server.configure(
                "tls",
                "true",
                "tls.keystore",
                KeyStores.create(folder, "agent"),
                "tls.keystore.password",
                new String(KeyStores.PASSWORD),
                "allow",
                "192.0.2.0/24",
                "application.test",
                "secret");
        start("command", PERL, "workers", "1");
        assertEquals(awaitOn(1).get(0).pid(), ask());
    }

    @Test
    void workerThatIsOffGetsNoRequests() throws Exception {
        start("command", PERL);
        List<LrwpTestPool.Seen> both = awaitOn(2);
        LrwpTestPool.Seen off = both.get(0);
        assertTrue(pool.turn(off.id(), false));
        Server.await(
                () -> server.agent.peers().stream()
                        .anyMatch(peer -> peer.state().equals("off")),
                "peer off");
        for (int i = 0; i < 20; i++) {
            assertEquals(both.get(1).pid(), ask());
        }
        assertTrue(pool.turn(off.id(), true));
        Server.await(
                () -> server.agent.peers().stream()
                        .allMatch(peer -> peer.state().equals("free")),
                "peer on");
        Set<Long> answering = Set.of(ask(), ask());
        assertEquals(both.stream().map(LrwpTestPool.Seen::pid).collect(Collectors.toSet()), answering);
    }

    @Test
    void requestsWaitWhileAllAreOff() throws Exception {
        start("command", PERL, "workers", "1");
        LrwpTestPool.Seen worker = awaitOn(1).get(0);
        pool.turn(worker.id(), false);
        Server.await(() -> server.agent.peers().get(0).state().equals("off"), "peer off");
        try (Client client = server.client()) {
            client.get("/test?pid");
            Server.await(() -> server.agent.contexts().get(0).waiting() == 1, "request that waits");
            pool.turn(worker.id(), true);
            assertEquals(Long.toString(worker.pid()), client.answer().text());
        }
    }

    /** Clients that ask without a pause; each answer has to be a good one. */
    private final class Load implements AutoCloseable {

        final Map<Long, Long> answers = new HashMap<>();
        final AtomicLong requests = new AtomicLong();
        private final AtomicBoolean end = new AtomicBoolean();
        private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        private final List<Future<?>> clients = new ArrayList<>();

        Load() {
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(threads.submit(() -> {
                    while (!end.get()) {
                        long pid = ask();
                        synchronized (answers) {
                            answers.merge(pid, 1L, Long::sum);
                        }
                        requests.incrementAndGet();
                    }
                    return null;
                }));
            }
        }

        void await(long more) {
            long wanted = requests.get() + more;
            Server.await(() -> requests.get() >= wanted || clients.stream().anyMatch(Future::isDone), "requests");
        }

        void end() throws Exception {
            end.set(true);
            for (Future<?> client : clients) {
                client.get(Server.DEADLINE_SECONDS, TimeUnit.SECONDS);
            }
        }

        @Override
        public void close() {
            end.set(true);
            threads.shutdown();
        }
    }

    @Test
    void recyclingUnderLoadLosesNothing() throws Exception {
        start("command", PERL);
        awaitOn(2);
        Set<Long> pids = new HashSet<>();
        try (Load load = new Load()) {
            for (int i = 0; i < 5; i++) {
                List<LrwpTestPool.Seen> before = pool.workers();
                before.forEach(worker -> pids.add(worker.pid()));
                before.forEach(worker -> assertTrue(pool.recycle(worker.id())));
                Server.await(
                        () -> pool.workers().stream()
                                .noneMatch(now ->
                                        before.stream().anyMatch(old -> old.id().equals(now.id()))),
                        "other workers");
                awaitOn(2);
                load.await(50);
            }
            load.end();
            System.out.println(
                    "SupervisionTest: " + load.requests + " requests while " + pids.size() + " workers were recycled");
        }
        assertEquals(10, pids.size());
        assertTrue(
                pool.ends().stream().allMatch(end -> end.startsWith("exit status 143")),
                pool.ends().toString());
    }

    @Test
    void workerGetsNoMoreThanMaxRequests() throws Exception {
        start("command", PERL, "max.requests", "20", "max.requests.jitter", "0");
        awaitOn(2);
        try (Load load = new Load()) {
            load.await(200);
            load.end();
            assertTrue(load.answers.size() >= 10, load.answers.toString());
            assertTrue(load.answers.values().stream().allMatch(count -> count <= 20), load.answers.toString());
        }
        awaitOn(2);
    }

    @Test
    void workerThatNobodyCanReplaceGoesOnBeyondMaxRequests() throws Exception {
        start("command", PERL, "max.requests", "20", "max.requests.jitter", "0");
        List<LrwpTestPool.Seen> before = awaitOn(2);
        pool.configure("command", "/nowhere/app", "max.requests", "20", "max.requests.jitter", "0");
        Server.await(() -> pool.problem().contains("/nowhere/app"), "problem");
        try (Load load = new Load()) {
            load.await(200);
            load.end();
            assertEquals(
                    before.stream().map(LrwpTestPool.Seen::pid).collect(Collectors.toSet()), load.answers.keySet());
        }
        pool.configure("command", PERL, "max.requests", "20", "max.requests.jitter", "0");
        Server.await(
                () -> pool.workers().stream()
                        .noneMatch(
                                now -> before.stream().anyMatch(old -> old.id().equals(now.id()))),
                "other workers");
        awaitOn(2);
        assertEquals("", pool.problem());
    }

    @Test
    void killedWorkerIsReplaced() throws Exception {
        start("command", PERL);
        LrwpTestPool.Seen killed = awaitOn(2).get(0);
        ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly();
        Server.await(() -> pool.workers().stream().noneMatch(one -> one.id().equals(killed.id())), "its end");
        awaitOn(2);
        assertTrue(pool.ends().get(0).startsWith("exit status 137"), pool.ends().toString());
        assertNotEquals(killed.pid(), ask());
    }

    @Test
    void requestsWaitForTheNextOfTheOnlyWorker() throws Exception {
        start("command", PERL, "workers", "1");
        LrwpTestPool.Seen killed = awaitOn(1).get(0);
        ProcessHandle process = ProcessHandle.of(killed.pid()).orElseThrow();
        process.destroyForcibly();
        process.onExit().join();
        assertNotEquals(killed.pid(), ask());
        awaitOn(1);
    }

    @Test
    void contextGoesWithAPoolThatEnds() throws Exception {
        start("command", PERL, "workers", "1");
        awaitOn(1);
        pool.close();
        Server.await(() -> server.agent.contexts().isEmpty(), "end of the context");
        try (Client client = server.client()) {
            assertEquals(404, client.get("/test").answer().status());
        }
    }

    @Test
    void whatWaitsIsAnsweredWhenAPoolEndsWhoseWorkerWasReplacedBefore() throws Exception {
        start("command", PERL, "workers", "1");
        ProcessHandle killed = ProcessHandle.of(awaitOn(1).get(0).pid()).orElseThrow();
        killed.destroyForcibly();
        // Until the pool has noticed, the dead one counts as on.
        Server.await(() -> !pool.ends().isEmpty(), "end of the first worker");
        awaitOn(1);
        try (Client served = server.client();
                Client waiting = server.client()) {
            served.get("/test?sleep=2000");
            Server.await(() -> server.agent.peers().get(0).state().equals("busy"), "request that is served");
            waiting.get("/test");
            Server.await(() -> server.agent.contexts().get(0).waiting() == 1, "request that waits");
            pool.close();
            assertEquals(200, served.answer().status());
            assertEquals(503, waiting.answer().status());
        }
    }

    @Test
    void poolThatCrashesIsAnswered503WithRetryAfterForAsLongAsThereIsThePool() throws Exception {
        server.configure("queue.timeout", "1");
        Path program = script("once.sh", "mkdir " + folder.resolve("first") + " && exec " + PERL);
        start("command", program.toString(), "workers", "1", "crash.limit", "2/60");
        LrwpTestPool.Seen killed = awaitOn(1).get(0);
        ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly();
        Client.Answer answer;
        do {
            try (Client client = server.client()) {
                answer = client.get("/test").answer();
            }
            assertEquals(503, answer.status());
        } while (!server.agent.contexts().get(0).problem().startsWith("pool test is crash-looping"));
        Server.await(() -> pool.ends().size() >= 4, "a second try");
        try (Client client = server.client()) {
            answer = client.get("/test").answer();
            assertEquals(503, answer.status());
            assertTrue(Integer.parseInt(answer.field("Retry-After")) > 1, answer.head());
        }
        pool.close();
        Server.await(() -> server.agent.contexts().isEmpty(), "end of the context");
        try (Client client = server.client()) {
            assertEquals(404, client.get("/test").answer().status());
        }
    }

    @Test
    void requestWaitsForTheFirstProcessOfAPool() throws Exception {
        Path program =
                script("late.sh", "while ! [ -e " + folder.resolve("go") + " ]; do sleep 0.1; done", "exec " + PERL);
        start("command", program.toString(), "workers", "1");
        try (Client client = server.client()) {
            Server.await(() -> !server.agent.contexts().isEmpty(), "context");
            client.get("/test?pid");
            Server.await(() -> server.agent.contexts().get(0).waiting() == 1, "request that waits");
            Files.createFile(folder.resolve("go"));
            assertEquals(200, client.answer().status());
        }
        awaitOn(1);
    }

    @Test
    void contextThatAProgramHasBuiltInIsTheOnlyOneThatIsKept() {
        start("command", PERL + " 127.0.0.1 " + server.agent.port() + " own", "workers", "1");
        awaitOn(1);
        assertEquals(
                List.of("/own"),
                server.agent.contexts().stream()
                        .map(AgentComponent.ContextStatus::context)
                        .toList());
    }

    @Test
    void programThatDiesAgainAndAgainIsTriedEverLater() throws Exception {
        start("command", "/bin/false", "workers", "1");
        Server.await(() -> pool.problem().startsWith("crash-looping"), "crash loop");
        assertEquals(5, pool.ends().size());
        Server.await(() -> shown().state().equals("failed"), "state in monitor:contexts");
        assertTrue(shown().problem().matches("pool test is crash-looping.*; next try at \\d\\d:.*"), shown().problem());
        pool.configure("command", PERL, "workers", "1");
        assertEquals(awaitOn(1).get(0).pid(), ask());
        assertEquals("", pool.problem());
        Server.await(() -> shown().problem().isEmpty(), "end of the problem in monitor:contexts");
    }

    /** What monitor:contexts shows of the pool's context. */
    private MonitorComponent.ContextStatus shown() {
        return server.monitor.component.contexts().stream()
                .filter(one -> one.context().equals("/test"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void programThatThereIsNotIsSaidSo() {
        start("command", "/nowhere/app", "workers", "1");
        Server.await(() -> pool.problem().contains("/nowhere/app"), "problem");
    }

    @Test
    void programThatDoesNotRegisterIsKilled() {
        start("command", "sleep 1000", "workers", "1", "start.timeout", "1");
        Server.await(
                () -> {
                    remember();
                    return !pool.ends().isEmpty();
                },
                "its end");
        assertEquals(
                "killed, it has registered no peer within start.timeout = 1 s",
                pool.ends().get(0));
    }

    @Test
    void changedSettingsReplaceTheWorkersAndBadOnesDoNot() throws Exception {
        start("command", PERL);
        List<LrwpTestPool.Seen> before = awaitOn(2);
        try (Load load = new Load()) {
            pool.configure("command", "/bin/false");
            Server.await(() -> pool.problem().startsWith("crash-looping"), "crash loop");
            assertEquals(
                    before.stream().map(LrwpTestPool.Seen::id).toList(),
                    awaitOn(2).stream().map(LrwpTestPool.Seen::id).toList());
            pool.configure("command", PERL, "environment.NEW", "yes");
            Server.await(
                    () -> pool.workers().stream()
                            .noneMatch(now ->
                                    before.stream().anyMatch(old -> old.id().equals(now.id()))),
                    "other workers");
            awaitOn(2);
            load.end();
        }
    }

    @Test
    void peerOfAChildIsTheWorkersAndEndsWithIt() throws Exception {
        Path program = script("parent.sh", PERL + " &", "wait");
        start("command", program.toString(), "workers", "1");
        LrwpTestPool.Seen worker = awaitOn(1).get(0);
        long answering = ask();
        assertNotEquals(worker.pid(), answering);
        ProcessHandle child = ProcessHandle.of(answering).orElseThrow();
        assertTrue(pool.recycle(worker.id()));
        Server.await(() -> !child.isAlive(), "end of the child");
        awaitOn(1);
        assertNotEquals(answering, ask());
    }

    @Test
    void whatAKilledWorkerHasStartedServesNoMore() throws Exception {
        Path program = script("parent.sh", PERL + " &", "wait");
        start("command", program.toString(), "workers", "1");
        LrwpTestPool.Seen worker = awaitOn(1).get(0);
        ProcessHandle child = ProcessHandle.of(ask()).orElseThrow();
        ProcessHandle.of(worker.pid()).orElseThrow().destroyForcibly();
        Server.await(() -> !child.isAlive(), "end of the child, whose connection has ended");
        Server.await(() -> pool.workers().stream().noneMatch(one -> one.id().equals(worker.id())), "its end");
        awaitOn(1);
    }

    @Test
    void programThatIgnoresSigtermIsKilled() throws Exception {
        Path program = script("deaf.sh", "trap '' TERM", PERL, "while :; do sleep 0.1; done");
        start("command", program.toString(), "workers", "1", "drain.timeout", "1");
        LrwpTestPool.Seen worker = awaitOn(1).get(0);
        assertTrue(pool.recycle(worker.id()));
        Server.await(() -> !pool.ends().isEmpty(), "its end");
        assertEquals(
                "killed, it has not ended within drain.timeout = 1 s",
                pool.ends().get(0));
        awaitOn(1);
    }

    @Test
    void programThatHasLostItsConnectionIsReplaced() throws Exception {
        Path program = script("idle.sh", PERL, "while :; do sleep 0.1; done");
        start("command", program.toString(), "workers", "1");
        awaitOn(1);
        server.agent.disconnect(server.agent.peers().get(0).id());
        Server.await(() -> !pool.ends().isEmpty(), "its end");
        assertTrue(
                pool.ends().get(0).startsWith("killed, its connection to the agent has ended"),
                pool.ends().toString());
        awaitOn(1);
    }

    @Test
    void strangerGetsNothingOfWhatIsAPools() throws Exception {
        try (TestPeer early = server.peer("test")) {
            start("command", PERL, "workers", "1");
            assertTrue(early.atEnd(), "it had the context before the pool");
        }
        awaitOn(1);
        for (String name : List.of("test", "test/below")) {
            try (TestPeer stranger = new TestPeer(server.agent.port())) {
                stranger.send(name + "\u00FF\u00FF");
                stranger.expect("ERROR: application not permitted");
            }
        }
        try (TestPeer other = server.peer("tested")) {
            assertEquals(2, server.agent.contexts().size());
        }
    }

    @Test
    void strangersAreNobodysPeers() throws Exception {
        server.configure("override", "test");
        start("command", PERL, "workers", "1");
        LrwpTestPool.Seen worker = awaitOn(1).get(0);
        try (TestPeer stranger = server.peer("test")) {
            pool.turn(worker.id(), false);
            Server.await(
                    () -> server.agent.peers().stream()
                            .anyMatch(peer -> peer.state().equals("off")),
                    "peer off");
            Server.await(
                    () -> server.agent.peers().stream()
                            .map(AgentComponent.PeerStatus::state)
                            .sorted()
                            .toList()
                            .equals(List.of("free", "off")),
                    "stranger that is free");
            assertEquals(1, pool.workers().get(0).connections());
        }
    }

    @Test
    void agentTakesItsProcessesAlongAndBringsThemBack() throws Exception {
        pool = new LrwpTestPool(server.monitor.component.loop(), null, "command", PERL);
        assertTrue(pool.problem().startsWith("waiting for the LRWP agent"), pool.problem());
        assertTrue(pool.workers().isEmpty());
        pool.agent(server.agent);
        awaitOn(2);
        assertFalse(seen.isEmpty());
        pool.agent(null);
        server.agent.agent().processes().close();
        assertTrue(seen.stream().noneMatch(ProcessHandle::isAlive), "the agent waits until they have ended");
        Server.await(() -> pool.workers().isEmpty(), "end of the workers");
    }
}
