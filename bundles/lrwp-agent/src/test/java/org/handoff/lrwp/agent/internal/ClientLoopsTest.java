package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;

import io.netty.channel.EventLoop;
import org.handoff.monitor.api.Connection;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients on several event loops: each loop has its share, and what holds for all of them holds whatever their loop. */
@Timeout(300)
class ClientLoopsTest {

    private static final String OK = "Content-type: text/plain\n\n";

    private final List<Client> clients = new ArrayList<>();

    @AfterEach
    void closeClients() throws IOException {
        for (Client client : clients) {
            client.close();
        }
    }

    /** A peer of 1.0 is free only a while after its OK. */
    private static void awaitFreePeers(Server server) {
        await(
                "free peers",
                () -> server.agent.peers().stream()
                        .allMatch(peer -> peer.state().equals("free")));
    }

    /** As many connections as that, which are with the agent. */
    private void connect(Server server, TestPeer peer, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            Client client = server.client().get("/app");
            clients.add(client);
            peer.serve(OK);
            assertEquals(200, client.answer().status());
        }
    }

    /** Each loop in turn is held: the others' clients are served meanwhile, and these are as many. */
    private void assertShared(Server server, TestPeer peer) throws Exception {
        int half = clients.size() / 2;
        for (EventLoop loop : server.agent.clientLoops()) {
            CountDownLatch goOn = hold(loop);
            for (Client client : clients) {
                client.get("/app");
            }
            try {
                // Only the other loop brings requests now.
                for (int i = 0; i < half; i++) {
                    peer.serve(OK);
                }
                awaitEquals("answers on the other loop", (long) half, this::answered);
            } finally {
                goOn.countDown();
            }
            for (int i = 0; i < half; i++) {
                peer.serve(OK);
            }
            for (Client client : clients) {
                assertEquals(200, client.answer().status());
            }
        }
    }

    @Test
    void eachLoopServesItsShareAndNoneWaitsForAnother() throws Exception {
        try (Server server = new Server(2);
                TestPeer peer = server.peer("app")) {
            connect(server, peer, 6);
            assertShared(server, peer);
        }
    }

    @Test
    void loopThatClientsHaveLeftGetsTheNext() throws Exception {
        try (Server server = new Server(2);
                TestPeer peer = server.peer("app")) {
            connect(server, peer, 4);
            // The first and the third are on one loop.
            clients.remove(2).close();
            clients.remove(0).close();
            await("ends", () -> server.monitor.component.status().open() == 2);
            connect(server, peer, 2);
            assertShared(server, peer);
        }
    }

    /** What strangers send while a loop is busy does not wait in memory that nobody counts. */
    @Test
    void bytesThatWaitForALoopAreCountedByTheMonitor() throws Exception {
        int count = 20;
        String sent = "POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n" + "x".repeat(30_000);
        try (Server server = new Server(2);
                AutoCloseable other = server.other(Connection::cut, "/other", "");
                TestPeer peer = server.peer("app")) {
            List<CountDownLatch> held = server.agent.clientLoops().stream()
                    .map(ClientLoopsTest::hold)
                    .toList();
            try {
                int port = server.monitor.port();
                // The monitor reads when all of it is there.
                CountDownLatch monitor = hold(server.monitor.component.loop());
                try {
                    for (int i = 0; i < count; i++) {
                        clients.add(new Client(port).send(sent));
                    }
                } finally {
                    monitor.countDown();
                }
                awaitEquals(
                        "connections on their way",
                        count,
                        () -> server.monitor.component.status().held());
                long counted = server.monitor.component.status().memory();
                assertTrue(counted > 2L * count * sent.length(), counted + " bytes: the monitor's own and the loops'");
            } finally {
                held.forEach(CountDownLatch::countDown);
            }
            await(
                    "the monitor's own alone",
                    () -> server.monitor.component.status().memory() < 1.5 * count * sent.length());
            closeClients();
            awaitEquals("nothing", 0L, () -> server.monitor.component.status().memory());
        }
    }

    private long answered() {
        return clients.stream()
                .filter(client -> {
                    try {
                        return client.in().available() > 0;
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                })
                .count();
    }

    /** Lets a loop do nothing from now on, until the latch opens. */
    private static CountDownLatch hold(Executor loop) {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        loop.execute(() -> {
            held.countDown();
            awaitUninterruptibly(goOn);
        });
        awaitUninterruptibly(held);
        return goOn;
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void queueIsOneForAllLoops(int loops) throws Exception {
        try (Server server = new Server(loops, "queue.length", "3");
                TestPeer peer = server.peer("app")) {
            connect(server, peer, 5);
            for (int i = 0; i < 4; i++) {
                clients.get(i).get("/app/" + i);
                int waiting = i;
                await(
                        "request",
                        () -> server.agent.contexts().get(0).busy() == 1
                                && server.agent.contexts().get(0).waiting() == waiting);
            }
            assertEquals(503, clients.get(4).get("/app/4").answer().status());
            for (int i = 0; i < 4; i++) {
                assertEquals("/app/" + i, peer.serve(OK).variables().get("REQUEST_URI"), "first in, first out");
                assertEquals(200, clients.get(i).answer().status());
            }
            assertEquals(5 + 5, server.agent.contexts().get(0).requests());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void deadPeerCostsItsRequestAndThoseOfAllLoopsMoveOn(int loops) throws Exception {
        try (Server server = new Server(loops);
                TestPeer peer = server.peer("app");
                TestPeer other = server.peer("app")) {
            awaitFreePeers(server);
            connect(server, peer, 1);
            connect(server, other, 1);
            connect(server, peer, 1);
            connect(server, other, 1);
            for (int i = 0; i < 4; i++) {
                clients.get(i).get("/app/" + i);
                int taken = i + 1;
                await("request", () -> server.agent.contexts().get(0).requests() == 4 + taken);
            }
            assertEquals("/app/0", peer.request().variables().get("REQUEST_URI"));
            peer.close();
            assertEquals(502, clients.get(0).answer().status());
            for (int i = 1; i < 4; i++) {
                assertEquals("/app/" + i, other.serve(OK + i).variables().get("REQUEST_URI"));
                assertEquals(Integer.toString(i), clients.get(i).answer().text());
            }
        }
    }

    @Test
    void freePeersServeInTurnWhateverTheLoop() throws Exception {
        try (Server server = new Server(2);
                TestPeer first = server.peer("app");
                TestPeer second = server.peer("app");
                TestPeer third = server.peer("app")) {
            awaitFreePeers(server);
            connect(server, first, 1);
            connect(server, second, 1);
            connect(server, third, 1);
            for (Client client : clients) {
                for (TestPeer next : List.of(first, second, third)) {
                    client.get("/app");
                    next.serve(OK);
                    assertEquals(200, client.answer().status());
                }
            }
        }
    }

    @Test
    void clientsHaveLoopsWhereThereAreProcessorsToSpare() {
        assertEquals(0, AgentComponent.clientLoopsFor(1));
        assertEquals(0, AgentComponent.clientLoopsFor(2));
        assertEquals(1, AgentComponent.clientLoopsFor(3));
        assertEquals(2, AgentComponent.clientLoopsFor(4));
        assertEquals(2, AgentComponent.clientLoopsFor(64));
    }
}
