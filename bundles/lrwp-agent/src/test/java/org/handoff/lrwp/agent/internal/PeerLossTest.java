package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.handoff.testkit.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of requests whose peers die, leave or do not answer, over real sockets. */
@Timeout(300)
class PeerLossTest {

    private static final String OK = "Content-type: text/plain\n\n";

    @Test
    void deathOfAPeerCostsOneRequestAndOthersMoveOn() throws Exception {
        try (Server server = new Server();
                TestPeer dies = server.peer("app");
                TestPeer lives = server.peer("app");
                Client lost = server.client().get("/app/lost")) {
            dies.request();
            try (Client served = server.client().get("/app/served");
                    Client waits = server.client()) {
                lives.request();
                waits.get("/app/waits");
                await("request that waits", () -> server.agent.contexts().get(0).waiting() == 1);
                dies.close();
                assertEquals(502, lost.answer().status());
                lives.answer(OK + "served");
                assertEquals("served", served.answer().text());
                assertEquals("/waits", lives.serve(OK).variables().get("PATH_INFO"));
                assertEquals(200, waits.answer().status());
            }
            // The connection of the lost request is still good.
            lost.get("/app/again");
            lives.serve(OK);
            assertEquals(200, lost.answer().status());
        }
    }

    @Test
    void requestThatAPeerHadNotReadMovesToAnother() throws Exception {
        try (Server server = new Server();
                TestPeer dies = server.peer("app");
                TestPeer lives = server.peer("app");
                Client client = server.client()) {
            await(
                    "two peers",
                    () -> server.agent.peers().stream()
                            .allMatch(peer -> peer.state().equals("free")));
            client.send("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
            await("busy peer", () -> server.agent.contexts().get(0).busy() == 1);
            await("request in its socket", () -> available(dies) > 0);
            // The system does so by itself for a process that is killed before it has read everything; Java's close
            // ends the output first.
            dies.socket.setSoLinger(true, 0);
            dies.close();
            assertEquals("hello", lives.serve(OK + "moved").text());
            assertEquals("moved", client.answer().text());
        }
    }

    @Test
    void requestThatOnePeerAfterTheOtherDiesOfIsAnswered502() throws Exception {
        List<TestPeer> peers = new ArrayList<>();
        try (Server server = new Server();
                Client client = server.client()) {
            for (int i = 0; i < 11; i++) {
                peers.add(server.peer("app"));
            }
            await(
                    "all peers",
                    () -> server.agent.peers().stream()
                            .allMatch(peer -> peer.state().equals("free")));
            client.send("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
            while (peers.size() > 1) {
                await("request at a peer", () -> peers.stream().anyMatch(peer -> available(peer) > 0));
                TestPeer dies = peers.stream()
                        .filter(peer -> available(peer) > 0)
                        .findFirst()
                        .orElseThrow();
                peers.remove(dies);
                dies.socket.setSoLinger(true, 0);
                dies.close();
            }
            assertEquals(502, client.answer().status());
            client.get("/app");
            peers.get(0).serve(OK);
            assertEquals(200, client.answer().status());
            peers.get(0).close();
        }
    }

    @Test
    void requestForAPeerThatHasJustLeftMovesToAnother() throws Exception {
        CountDownLatch left = new CountDownLatch(1);
        try (Server server = new Server();
                TestPeer leaves = server.peer("app");
                TestPeer stays = server.peer("app");
                Client client = server.client()) {
            await(
                    "two peers",
                    () -> server.agent.peers().stream()
                            .allMatch(peer -> peer.state().equals("free")));
            for (TestPeer peer : List.of(leaves, stays)) {
                client.get("/app");
                peer.serve(OK);
                assertEquals(200, client.answer().status());
            }
            // The agent comes to the request first, and finds the peer free that the system knows to be gone.
            server.agent.loop().execute(() -> awaitUninterruptibly(left));
            client.send("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
            leaves.close();
            left.countDown();
            assertEquals("hello", stays.serve(OK + "moved").text());
            assertEquals("moved", client.answer().text());
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static int available(TestPeer peer) {
        try {
            return peer.socket.getInputStream().available();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void lastPeerTakesItsContextAlong() throws Exception {
        try (Server server = new Server()) {
            TestPeer peer = server.peer("app");
            try (Client served = server.client().get("/app");
                    Client waits = server.client()) {
                peer.request();
                waits.get("/app");
                await("request that waits", () -> server.agent.contexts().get(0).waiting() == 1);
                peer.close();
                assertEquals(502, served.answer().status());
                assertEquals(503, waits.answer().status());
                await(
                        "end of the route",
                        () -> server.monitor.component.contexts().isEmpty());
                assertEquals(404, waits.get("/app").answer().status());
                try (TestPeer again = server.peer("app")) {
                    waits.get("/app");
                    again.serve(OK + "again");
                    assertEquals("again", waits.answer().text());
                }
            }
        }
    }

    @Test
    void peerThatDoesNotAnswerCostsItsTimeAndItsConnection() throws Exception {
        try (Server server = new Server("peer.timeout", "1");
                TestPeer peer = server.peer("app");
                Client client = server.client().get("/app")) {
            peer.request();
            assertEquals(504, client.answer().status());
            assertTrue(peer.atEnd());
        }
    }

    @Test
    void peerThatStopsInItsHeaderOrItsDocumentIsNotWaitedFor() throws Exception {
        for (String beginning : List.of("00000", "000000100Content-type: a/b\n")) {
            try (Server server = new Server("peer.timeout", "3");
                    TestPeer peer = server.peer("app");
                    Client client = server.client().get("/app")) {
                peer.request();
                peer.send(beginning);
                assertEquals(504, client.answer().status());
                assertTrue(peer.atEnd());
            }
        }
        try (Server server = new Server("peer.timeout", "3");
                TestPeer peer = server.peer("app");
                Client client = server.client().get("/app")) {
            peer.request();
            peer.send("000000100" + OK + "some");
            assertThrows(IOException.class, client::answer);
        }
    }
}
