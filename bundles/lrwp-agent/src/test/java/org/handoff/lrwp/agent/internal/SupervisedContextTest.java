package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.handoff.testkit.Client;
import org.handoff.worker.pool.internal.LrwpTestPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The context of a pool of peers: who serves it, who never does, and what clients get meanwhile. */
@Timeout(300)
class SupervisedContextTest extends PoolOfPeers {

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
        await("end of the context", () -> server.agent.contexts().isEmpty());
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
        await("end of the first worker", () -> !pool.ends().isEmpty());
        awaitOn(1);
        try (Client served = server.client();
                Client waiting = server.client()) {
            served.get("/test?sleep=5000");
            await(
                    "request that is served",
                    () -> server.agent.peers().get(0).state().equals("busy"));
            waiting.get("/test");
            await("request that waits", () -> server.agent.contexts().get(0).waiting() == 1);
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
        // Each time is twice as long as the one before.
        await("a time to the next try of more than a second", () -> {
            try (Client client = server.client()) {
                Client.Answer refusal = client.get("/test").answer();
                assertEquals(503, refusal.status());
                return Integer.parseInt(refusal.field("Retry-After")) > 1;
            }
        });
        pool.close();
        await("end of the context", () -> server.agent.contexts().isEmpty());
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
            await("route", () -> !server.monitor.component.contexts().isEmpty());
            client.get("/test?pid");
            await("request that waits", () -> server.agent.contexts().get(0).waiting() == 1);
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
            await(
                    "peer off",
                    () -> server.agent.peers().stream()
                            .anyMatch(peer -> peer.state().equals("off")));
            await(
                    "stranger that is free",
                    () -> server.agent.peers().stream()
                            .map(AgentComponent.PeerStatus::state)
                            .sorted()
                            .toList()
                            .equals(List.of("free", "off")));
            assertEquals(1, pool.workers().get(0).connections());
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
    void requestsWaitWhileAllAreOff() throws Exception {
        start("command", PERL, "workers", "1");
        LrwpTestPool.Seen worker = awaitOn(1).get(0);
        pool.turn(worker.id(), false);
        await("peer off", () -> server.agent.peers().get(0).state().equals("off"));
        try (Client client = server.client()) {
            client.get("/test?pid");
            await("request that waits", () -> server.agent.contexts().get(0).waiting() == 1);
            pool.turn(worker.id(), true);
            assertEquals(Long.toString(worker.pid()), client.answer().text());
        }
    }
}
