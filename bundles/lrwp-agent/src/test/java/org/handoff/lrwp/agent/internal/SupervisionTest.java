package org.handoff.lrwp.agent.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import org.handoff.monitor.internal.MonitorComponent;
import org.handoff.testkit.Asking;
import org.handoff.testkit.Await;
import org.handoff.testkit.Client;
import org.handoff.worker.pool.internal.LrwpTestPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A pool of real peers, with the real agent and monitor. */
@Timeout(300)
class SupervisionTest extends PoolOfPeers {

    private static final int CLIENTS = 4;

    @ParameterizedTest
    @MethodSource("org.handoff.lrwp.agent.internal.PeerProgram#languages")
    void programOfAnyLanguageIsAWorker(String language) throws Exception {
        start("command", String.join(" ", PeerProgram.command(language)), "workers", "1");
        LrwpTestPool.Seen worker = awaitOn(1).get(0);
        assertEquals(worker.pid(), ask());
        Await.await("request's count", () -> pool.workers().get(0).requests() == 1);
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
            stranger.setSoTimeout((int) Await.DEADLINE.toMillis());
            assertEquals(-1, stranger.getInputStream().read(), "that port is for processes of pools only");
        }
    }

    @Test
    void workerThatIsOffGetsNoRequests() throws Exception {
        start("command", PERL);
        List<LrwpTestPool.Seen> both = awaitOn(2);
        LrwpTestPool.Seen off = both.get(0);
        assertTrue(pool.turn(off.id(), false));
        Await.await(
                "peer off",
                () -> server.agent.peers().stream()
                        .anyMatch(peer -> peer.state().equals("off")));
        for (int i = 0; i < 20; i++) {
            assertEquals(both.get(1).pid(), ask());
        }
        assertTrue(pool.turn(off.id(), true));
        Await.await(
                "peer on",
                () -> server.agent.peers().stream()
                        .allMatch(peer -> peer.state().equals("free")));
        Set<Long> answering = Set.of(ask(), ask());
        assertEquals(both.stream().map(LrwpTestPool.Seen::pid).collect(Collectors.toSet()), answering);
    }

    /** Clients that ask for the process that answers. */
    private Asking asking() {
        return new Asking(CLIENTS, () -> Long.toString(ask()));
    }

    @Test
    void recyclingUnderLoadLosesNothing() throws Exception {
        start("command", PERL);
        awaitOn(2);
        Set<Long> pids = new HashSet<>();
        try (Asking load = asking()) {
            for (int i = 0; i < 5; i++) {
                List<LrwpTestPool.Seen> before = pool.workers();
                before.forEach(worker -> pids.add(worker.pid()));
                before.forEach(worker -> assertTrue(pool.recycle(worker.id())));
                Await.await(
                        "other workers",
                        () -> pool.workers().stream()
                                .noneMatch(now ->
                                        before.stream().anyMatch(old -> old.id().equals(now.id()))));
                awaitOn(2);
                load.await(50);
            }
            load.end();
            System.out.println(
                    "SupervisionTest: " + load.count() + " requests while " + pids.size() + " workers were recycled");
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
        try (Asking load = asking()) {
            load.await(200);
            load.end();
            assertTrue(load.answers().size() >= 10, load.answers().toString());
            assertTrue(
                    load.answers().values().stream().allMatch(count -> count <= 20),
                    load.answers().toString());
        }
        awaitOn(2);
    }

    @Test
    void workerThatNobodyCanReplaceGoesOnBeyondMaxRequests() throws Exception {
        start("command", PERL, "max.requests", "20", "max.requests.jitter", "0");
        List<LrwpTestPool.Seen> before = awaitOn(2);
        pool.configure("command", "/nowhere/app", "max.requests", "20", "max.requests.jitter", "0");
        Await.await("problem", () -> pool.problem().contains("/nowhere/app"));
        answerAlone(before);
        pool.configure("command", PERL, "max.requests", "20", "max.requests.jitter", "0");
        Await.await(
                "other workers",
                () -> pool.workers().stream()
                        .noneMatch(
                                now -> before.stream().anyMatch(old -> old.id().equals(now.id()))));
        awaitOn(2);
        assertEquals("", pool.problem());
    }

    @Test
    void workersThatNobodyCanReplaceGoOnBeyondMaxMemory() throws Exception {
        Path program = script("app.sh", "exec " + PERL);
        start("command", program.toString());
        List<LrwpTestPool.Seen> before = awaitOn(2);
        Files.delete(program);
        pool.configure("command", program.toString(), "max.memory", "1m");
        Await.await("problem", () -> pool.problem().contains(program.toString()));
        answerAlone(before);
    }

    private void answerAlone(List<LrwpTestPool.Seen> workers) throws Exception {
        try (Asking load = asking()) {
            load.await(200);
            load.end();
            assertEquals(
                    workers.stream().map(one -> Long.toString(one.pid())).collect(Collectors.toSet()),
                    load.answers().keySet());
        }
    }

    @Test
    void killedWorkerIsReplaced() throws Exception {
        start("command", PERL);
        LrwpTestPool.Seen killed = awaitOn(2).get(0);
        ProcessHandle.of(killed.pid()).orElseThrow().destroyForcibly();
        Await.await(
                "its end",
                () -> pool.workers().stream().noneMatch(one -> one.id().equals(killed.id())));
        awaitOn(2);
        assertTrue(pool.ends().get(0).startsWith("exit status 137"), pool.ends().toString());
        assertNotEquals(killed.pid(), ask());
    }

    @Test
    void programThatDiesAgainAndAgainIsTriedEverLater() throws Exception {
        start("command", "/bin/false", "workers", "1");
        Await.await("crash loop", () -> {
            LrwpTestPool.Deaths deaths = pool.deaths();
            assertEquals(deaths.ends() >= 5, deaths.isCrashLooping(), deaths::toString);
            return deaths.isCrashLooping();
        });
        Await.await("state in monitor:contexts", () -> shown().state().equals("failed"));
        assertTrue(shown().problem().matches("pool test is crash-looping.*; next try at \\d\\d:.*"), shown().problem());
        pool.configure("command", PERL, "workers", "1");
        assertEquals(awaitOn(1).get(0).pid(), ask());
        assertEquals("", pool.problem());
        Await.await(
                "end of the problem in monitor:contexts",
                () -> shown().problem().isEmpty());
    }

    @Test
    void programThatThereIsNotIsSaidSo() {
        start("command", "/nowhere/app", "workers", "1");
        Await.await("problem", () -> pool.problem().contains("/nowhere/app"));
    }

    @Test
    void programThatDoesNotRegisterIsKilled() {
        start("command", "sleep 1000", "workers", "1", "start.timeout", "1");
        Await.await("its end", () -> {
            remember();
            return !pool.ends().isEmpty();
        });
        assertEquals(
                "killed, it has registered no peer within start.timeout = 1 s",
                pool.ends().get(0));
    }

    @Test
    void changedSettingsReplaceTheWorkersAndBadOnesDoNot() throws Exception {
        start("command", PERL);
        List<LrwpTestPool.Seen> before = awaitOn(2);
        try (Asking load = asking()) {
            pool.configure("command", "/bin/false");
            Await.await("crash loop", () -> pool.problem().startsWith("crash-looping"));
            assertEquals(
                    before.stream().map(LrwpTestPool.Seen::id).toList(),
                    awaitOn(2).stream().map(LrwpTestPool.Seen::id).toList());
            pool.configure("command", PERL, "environment.NEW", "yes");
            Await.await(
                    "other workers",
                    () -> pool.workers().stream()
                            .noneMatch(now ->
                                    before.stream().anyMatch(old -> old.id().equals(now.id()))));
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
        Await.await("end of the child", () -> !child.isAlive());
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
        Await.await("end of the child, whose connection has ended", () -> !child.isAlive());
        Await.await(
                "its end",
                () -> pool.workers().stream().noneMatch(one -> one.id().equals(worker.id())));
        awaitOn(1);
    }

    @Test
    void programThatIgnoresSigtermIsKilled() throws Exception {
        Path program = script("deaf.sh", "trap '' TERM", PERL, "while :; do sleep 0.1; done");
        start("command", program.toString(), "workers", "1", "drain.timeout", "1");
        LrwpTestPool.Seen worker = awaitOn(1).get(0);
        assertTrue(pool.recycle(worker.id()));
        Await.await("its end", () -> !pool.ends().isEmpty());
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
        Await.await("its end", () -> !pool.ends().isEmpty());
        assertTrue(
                pool.ends().get(0).startsWith("killed, its connection to the agent has ended"),
                pool.ends().toString());
        awaitOn(1);
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
        Await.await("end of the workers", () -> pool.workers().isEmpty());
    }

    /** What monitor:contexts shows of the pool's context. */
    private MonitorComponent.ContextStatus shown() {
        return server.monitor.component.contexts().stream()
                .filter(one -> one.context().equals("/test"))
                .findFirst()
                .orElseThrow();
    }
}
