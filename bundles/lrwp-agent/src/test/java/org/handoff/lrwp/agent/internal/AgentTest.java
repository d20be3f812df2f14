package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.handoff.lrwp.agent.api.ClaimedContext;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.Target;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What peers and clients see of the agent behind the monitor, over real sockets. */
@Timeout(300)
class AgentTest {

    private static final String OK = "Content-type: text/plain\n\n";

    @Test
    void peersOfOneContextServeInParallel() throws Exception {
        try (Server server = new Server();
                TestPeer one = server.peer("app");
                TestPeer two = server.peer("app");
                Client first = server.client();
                Client second = server.client()) {
            first.get("/app/1");
            String path = one.request().variables().get("PATH_INFO");
            second.get("/app/2");
            assertEquals("/2", two.request().variables().get("PATH_INFO"));
            two.answer(OK + "two");
            assertEquals("two", second.answer().text());
            one.answer(OK + "one" + path);
            assertEquals("one/1", first.answer().text());
        }
    }

    @Test
    void peerThatIsFreeTheLongestServesOrEachInTurn() throws Exception {
        for (boolean turns : new boolean[] {false, true}) {
            try (Server server = new Server("round.robin", Boolean.toString(turns));
                    TestPeer one = server.peer("app");
                    TestPeer two = server.peer("app");
                    Client client = server.client()) {
                await(
                        "two peers",
                        () -> server.agent.peers().stream()
                                .allMatch(peer -> peer.state().equals("free")));
                client.get("/app");
                one.request();
                try (Client other = server.client().get("/app")) {
                    two.serve(OK);
                    assertEquals(200, other.answer().status());
                }
                one.answer(OK);
                assertEquals(200, client.answer().status());
                // Now two has been free for longer, and it would be one's turn.
                TestPeer expected = turns ? one : two;
                client.get("/app");
                expected.serve(OK);
                assertEquals(200, client.answer().status());
            }
        }
    }

    /** As Xitami's libraries do it, which know nothing of TCP_NODELAY. */
    @Test
    void peerThatSendsItsLengthAloneIsNotHeldUp() throws Exception {
        try (Server server = new Server();
                TestPeer peer = server.peer("app");
                Client client = server.client()) {
            median(client, peer);
            long atOnce = median(client, peer);
            peer.socket.setTcpNoDelay(false);
            long held = median(client, peer);
            System.out.printf(
                    "a response in two goes: %.2f ms, with Nagle's algorithm %.2f ms%n", atOnce / 1e6, held / 1e6);
            assertTrue(held < 20 * atOnce, held + " ns instead of " + atOnce);
        }
    }

    private static long median(Client client, TestPeer peer) throws IOException {
        List<Long> nanos = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            client.get("/app/" + i);
            peer.request();
            long begun = System.nanoTime();
            peer.send(String.format("%09d", OK.length()));
            peer.send(OK);
            assertEquals(200, client.answer().status());
            nanos.add(System.nanoTime() - begun);
        }
        Collections.sort(nanos);
        return nanos.get(nanos.size() / 2);
    }

    @Test
    void requestsWaitInOrderForABusyPeer() throws Exception {
        try (Server server = new Server();
                TestPeer peer = server.peer("app")) {
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(server.client().get("/app/" + i));
                int waiting = Math.max(0, i);
                await(
                        "request that waits",
                        () -> server.agent.contexts().get(0).waiting() == waiting
                                && server.agent.contexts().get(0).busy() == 1);
            }
            for (int i = 0; i < 4; i++) {
                assertEquals("/" + i, peer.serve(OK + i).variables().get("PATH_INFO"));
                assertEquals("" + i, clients.get(i).answer().text());
                clients.get(i).close();
            }
        }
    }

    @Test
    void fullQueueIsAnsweredAtOnceAndLongWaitsToo() throws Exception {
        try (Server server = new Server("queue.length", "1");
                TestPeer peer = server.peer("app");
                Client served = server.client().get("/app");
                Client waits = server.client()) {
            peer.request();
            waits.get("/app");
            await("request that waits", () -> server.agent.contexts().get(0).waiting() == 1);
            try (Client refused = server.client().get("/app")) {
                assertEquals(503, refused.answer().status());
            }
            peer.answer(OK + "served");
            assertEquals("served", served.answer().text());
            peer.serve(OK + "waited");
            assertEquals("waited", waits.answer().text());
        }
        try (Server server = new Server("queue.length", "1", "queue.timeout", "1");
                TestPeer peer = server.peer("app");
                Client served = server.client().get("/app");
                Client waits = server.client()) {
            peer.request();
            waits.get("/app");
            assertEquals(503, waits.answer().status());
            peer.answer(OK + "served");
            assertEquals("served", served.answer().text());
        }
    }

    @Test
    void clientThatLeavesGivesItsPlaceFree() throws Exception {
        try (Server server = new Server();
                TestPeer peer = server.peer("app");
                Client served = server.client().get("/app/1");
                Client next = server.client()) {
            peer.request();
            try (Client leaves = server.client().get("/app/2")) {
                await("request that waits", () -> server.agent.contexts().get(0).waiting() == 1);
                leaves.socket.setSoLinger(true, 0);
            }
            await("place in the queue", () -> server.agent.contexts().get(0).waiting() == 0);
            next.get("/app/3");
            peer.answer(OK);
            assertEquals(200, served.answer().status());
            assertEquals("/3", peer.serve(OK).variables().get("PATH_INFO"));
            assertEquals(200, next.answer().status());
        }
    }

    @Test
    void peerWhoseClientLeftServesTheNext() throws Exception {
        try (Server server = new Server();
                TestPeer peer = server.peer("app");
                Client next = server.client()) {
            try (Client leaves = server.client().get("/app/1")) {
                peer.request();
                leaves.socket.setSoLinger(true, 0);
            }
            next.get("/app/2");
            peer.answer(OK + "for nobody");
            assertEquals("/2", peer.serve(OK + "two").variables().get("PATH_INFO"));
            assertEquals("two", next.answer().text());
        }
    }

    @Test
    void hostsHaveTheirOwnPeers() throws Exception {
        try (Server server = new Server();
                TestPeer any = server.peer("app");
                TestPeer one = server.peer("app", "one.example");
                Client client = server.client()) {
            client.send("GET /app HTTP/1.1\r\nHost: ONE.example:80\r\n\r\n");
            one.serve(OK + "one");
            assertEquals("one", client.answer().text());
            client.send("GET /app HTTP/1.1\r\nHost: two.example\r\n\r\n");
            any.serve(OK + "any");
            assertEquals("any", client.answer().text());
        }
    }

    @Test
    void longestContextWinsThenExtensionsThenTheRoot() throws Exception {
        try (Server server = new Server();
                TestPeer root = server.peer("/");
                TestPeer php = server.peer(".php");
                TestPeer app = server.peer("app");
                TestPeer below = server.peer("app/below");
                Client client = server.client()) {
            expect(client, "/app/below/x.php", below, "/app/below", "/x.php");
            expect(client, "/app/belowx", app, "/app", "/belowx");
            expect(client, "/x/y.php", php, "/x/y.php", "/x/y.php");
            expect(client, "/x.php/y", root, "", "/x.php/y");
            expect(client, "/", root, "", "/");
        }
    }

    private static void expect(Client client, String path, TestPeer peer, String script, String info)
            throws IOException {
        client.get(path);
        TestPeer.Received received = peer.serve(OK + path);
        assertEquals(script, received.variables().get("SCRIPT_NAME"));
        assertEquals(info, received.variables().get("PATH_INFO"));
        assertEquals(path, client.answer().text());
    }

    @Test
    void contextThatIsOffGoesToWhoeverElseHasIt() throws Exception {
        try (Server server = new Server();
                TestPeer peer = server.peer("app");
                Client client = server.client()) {
            client.get("/app");
            peer.serve(OK);
            assertEquals(200, client.answer().status());
            server.agent.setOff("/app", true);
            await("end of the route", () -> server.monitor.component.contexts().isEmpty());
            assertEquals(404, client.get("/app").answer().status());
            server.agent.setOff("/app", false);
            await("route", () -> !server.monitor.component.contexts().isEmpty());
            client.get("/app");
            peer.serve(OK);
            assertEquals(200, client.answer().status());
            assertThrows(IllegalArgumentException.class, () -> server.agent.setOff("/unknown", true));
        }
    }

    @Test
    void disconnectedPeerIsGone() throws Exception {
        try (Server server = new Server();
                TestPeer peer = server.peer("app")) {
            server.agent.disconnect(server.agent.peers().get(0).id());
            assertTrue(peer.atEnd());
            await("its end", () -> server.agent.peers().isEmpty());
            assertThrows(IllegalArgumentException.class, () -> server.agent.disconnect(99));
        }
    }

    @Test
    void peerNeverTakesAHandlersContext() throws Exception {
        Target handlers = new Answering();
        try (Server server = new Server("override", "mine");
                TestPeer app = server.peer("app");
                TestPeer below = server.peer("app/below");
                TestPeer host = server.peer("app", "h");
                TestPeer rootOfHost = server.peer("/", "h");
                TestPeer mine = server.peer("mine");
                Client client = server.client()) {
            try (AutoCloseable first = server.other(handlers, "/app/", "");
                    AutoCloseable second = server.other(handlers, "/mine", "")) {
                await("contexts without requests", () -> problems(server) == 4);
                for (String path : List.of("/app", "/app/x", "/app/below", "/app/below/x")) {
                    assertEquals(501, client.get(path).answer().status(), path);
                }
                client.get("/mine");
                mine.serve(OK + "mine");
                assertEquals("mine", client.answer().text());
            }
            await("contexts with requests", () -> problems(server) == 0);
            client.get("/app");
            host.serve(OK + "peer");
            assertEquals("peer", client.answer().text());
        }
    }

    private static long problems(Server server) {
        return server.agent.contexts().stream()
                .filter(one -> !one.problem().isEmpty())
                .count();
    }

    /** Answers everything by itself. */
    private static final class Answering implements Target {

        @Override
        public void take(Connection connection) {
            connection.answer(501);
        }
    }

    @Test
    void problemNamesThePeersThatOverride() throws Exception {
        Target handler = connection -> connection.answer(501);
        try (Server server = new Server("override", "hello");
                AutoCloseable registered = server.other(handler, "/hello", "");
                TestPeer hello = server.peer("hello");
                TestPeer deep = server.peer("hello/deep");
                Client client = server.client()) {
            client.get("/hello/deep");
            hello.serve(OK);
            assertEquals(200, client.answer().status());
            await(
                    "the owner",
                    () -> server.agent.contexts().stream()
                            .anyMatch(one -> one.context().equals("/hello/deep")
                                    && one.problem().equals("the peers of /hello serve it, by override")));
        }
    }

    @Test
    void problemNamesWhoComesBeforePeersInTheWebContainer() throws Exception {
        try (Server server = new Server();
                TestPeer shop = server.peer("shop/cart");
                TestPeer other = server.peer("other");
                TestPeer root = server.peer("/")) {
            server.agent.claimed(
                    "the web container", List.of(new ClaimedContext("/shop", "the web application org.example.shop")));
            assertEquals(
                    Map.of(
                            "/shop/cart",
                            "in the web container the web application org.example.shop serves /shop",
                            "/other",
                            "",
                            "/",
                            ""),
                    server.agent.contexts().stream()
                            .collect(Collectors.toMap(one -> one.context(), one -> one.problem())));
            server.agent.claimed("the web container", List.of());
            assertEquals(0, problems(server));
        }
    }
}
