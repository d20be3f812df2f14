package org.handoff.lrwp.agent.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.lrwp.agent.internal.Server.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.handoff.lrwp.agent.api.ClaimedContext;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.Target;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.socket.SharedFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What peers and clients see of the agent behind the monitor, over real sockets. */
@Timeout(60)
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
                        () -> server.agent.peers().stream()
                                .allMatch(peer -> peer.state().equals("free")),
                        "two peers");
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
                        () -> server.agent.contexts().get(0).waiting() == waiting
                                && server.agent.contexts().get(0).busy() == 1,
                        "request that waits");
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
        try (Server server = new Server("queue.length", "1", "queue.timeout", "1");
                TestPeer peer = server.peer("app");
                Client served = server.client().get("/app");
                Client waits = server.client()) {
            peer.request();
            waits.get("/app");
            await(() -> server.agent.contexts().get(0).waiting() == 1, "request that waits");
            try (Client refused = server.client().get("/app")) {
                assertEquals(503, refused.answer().status());
            }
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
                await(() -> server.agent.contexts().get(0).waiting() == 1, "request that waits");
                leaves.socket.setSoLinger(true, 0);
            }
            await(() -> server.agent.contexts().get(0).waiting() == 0, "place in the queue");
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
                await(() -> server.agent.contexts().get(0).waiting() == 1, "request that waits");
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
                    () -> server.agent.peers().stream()
                            .allMatch(peer -> peer.state().equals("free")),
                    "two peers");
            client.send("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
            await(() -> server.agent.contexts().get(0).busy() == 1, "busy peer");
            await(() -> available(dies) > 0, "request in its socket");
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
                    () -> server.agent.peers().stream()
                            .allMatch(peer -> peer.state().equals("free")),
                    "all peers");
            client.send("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
            while (peers.size() > 1) {
                await(() -> peers.stream().anyMatch(peer -> available(peer) > 0), "request at a peer");
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
                    () -> server.agent.peers().stream()
                            .allMatch(peer -> peer.state().equals("free")),
                    "two peers");
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
                await(() -> server.agent.contexts().get(0).waiting() == 1, "request that waits");
                peer.close();
                assertEquals(502, served.answer().status());
                assertEquals(503, waits.answer().status());
                await(() -> server.monitor.component.contexts().isEmpty(), "end of the route");
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
            try (Server server = new Server("peer.timeout", "1");
                    TestPeer peer = server.peer("app");
                    Client client = server.client().get("/app")) {
                peer.request();
                peer.send(beginning);
                assertEquals(504, client.answer().status());
                assertTrue(peer.atEnd());
            }
        }
        try (Server server = new Server("peer.timeout", "1");
                TestPeer peer = server.peer("app");
                Client client = server.client().get("/app")) {
            peer.request();
            peer.send("000000100" + OK + "some");
            assertThrows(IOException.class, client::answer);
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
            await(() -> server.monitor.component.contexts().isEmpty(), "end of the route");
            assertEquals(404, client.get("/app").answer().status());
            server.agent.setOff("/app", false);
            await(() -> !server.monitor.component.contexts().isEmpty(), "route");
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
            assertEquals(List.of(), server.agent.peers());
            assertThrows(IllegalArgumentException.class, () -> server.agent.disconnect(99));
        }
    }

    @Test
    void connectionGoesFromTargetToTarget() throws Exception {
        Target other = connection -> connection.answer(501);
        try (Server server = new Server();
                TestPeer peer = server.peer("app");
                AutoCloseable registered = server.other(other, "/other", "");
                Client client = server.client()) {
            for (int i = 0; i < 3; i++) {
                client.get("/app");
                peer.serve(OK + "app");
                assertEquals("app", client.answer().text());
                assertEquals(501, client.get("/other").answer().status());
                assertEquals(404, client.get("/none").answer().status());
            }
            // Pipelined: each is answered by whom it is for, in order.
            client.get("/app/1").get("/other").get("/app/2");
            peer.serve(OK + "1");
            assertEquals("1", client.answer().text());
            assertEquals(501, client.answer().status());
            peer.serve(OK + "2");
            assertEquals("2", client.answer().text());
        }
    }

    @Test
    void requestsThatBeginInAFileAreReadFromThereAndGoBackWithIt(@TempDir Path folder) throws Exception {
        String upload = "POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(100_000);
        String foreign = upload.replace("/app", "/other").replace('x', 'y');
        String wire = upload + foreign;
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        Target other = connection -> {
            try {
                SpilledBytes spilled = connection.unused().spilled();
                if (spilled == null) {
                    // As a worker does that has read two large requests.
                    SharedFile file = SharedFile.create(folder);
                    file.write(bytes(wire.substring(0, wire.length() - 10)), 0);
                    connection.giveBack(new UnusedBytes(
                            new SpilledBytes(file, 0, wire.length() - 10),
                            bytes(wire.substring(wire.length() - 10, wire.length() - 1)),
                            wire.length() - 1));
                } else {
                    ByteBuffer first = spilled.first((int) spilled.length());
                    seen.add(ISO_8859_1.decode(first).toString()
                            + ISO_8859_1.decode(connection.unused().rest()));
                    connection.answer(501);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        try (Server server = new Server();
                TestPeer peer = server.peer("app");
                AutoCloseable registered = server.other(other, "/other", "")) {
            List<String> before = openDescriptors();
            try (Client client = server.client()) {
                client.get("/other");
                assertEquals("x".repeat(100_000), peer.serve(OK + "app").text());
                assertEquals("app", client.answer().text());
                assertEquals(501, client.answer().status());
                String back = seen.remove();
                assertTrue(foreign.startsWith(back) && back.length() >= foreign.length() - 1, back.length() + " bytes");
            }
            await(() -> openedSince(before).isEmpty(), "end of all descriptors");
        }
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    /**
     * The links of the descriptors that this process has opened since and still has. Not of files with a name: the JVM
     * opens such for itself, as those of jars.
     *
     * @param before what {@link #openDescriptors} said
     */
    static List<String> openedSince(List<String> before) {
        List<String> opened = openDescriptors();
        before.forEach(opened::remove);
        return opened;
    }

    static List<String> openDescriptors() {
        List<String> links = new ArrayList<>();
        for (File descriptor : new File("/proc/self/fd").listFiles()) {
            try {
                String link = Files.readSymbolicLink(descriptor.toPath()).toString();
                if (!link.startsWith("/") || link.endsWith(" (deleted)")) {
                    links.add(link);
                }
            } catch (NoSuchFileException e) {
                // Closed meanwhile, as the one that lists them.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return links;
    }

    @Test
    void idleConnectionIsParkedAndComesBack() throws Exception {
        try (Server server = new Server("http.idle.timeout", "1");
                TestPeer peer = server.peer("app");
                Client client = server.client()) {
            for (int i = 0; i < 2; i++) {
                client.get("/app");
                peer.serve(OK);
                assertEquals(200, client.answer().status());
                await(() -> server.monitor.component.status().parked() == 1, "parked connection");
            }
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
            try (AutoCloseable first = server.other(handlers, "/app", "");
                    AutoCloseable second = server.other(handlers, "/mine", "")) {
                await(() -> problems(server) == 4, "contexts without requests");
                for (String path : List.of("/app", "/app/x", "/app/below", "/app/below/x")) {
                    assertEquals(501, client.get(path).answer().status(), path);
                }
                client.get("/mine");
                mine.serve(OK + "mine");
                assertEquals("mine", client.answer().text());
            }
            await(() -> problems(server) == 0, "contexts with requests");
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
    void changedConfigurationKeepsPeersAndConnections() throws Exception {
        try (Server server = new Server();
                TestPeer peer = server.peer("app");
                Client client = server.client()) {
            client.get("/app");
            peer.serve(OK);
            assertEquals(200, client.answer().status());
            int port = server.agent.port();
            server.configure("http.header", "4000", "application.other", "*", "address", "127.0.0.2");
            await(() -> server.agent.listener().contains("127.0.0.2"), "new listener");
            assertThrows(IOException.class, () -> new TestPeer(port));
            client.get("/app");
            peer.serve(OK);
            assertEquals(200, client.answer().status());
            client.send("GET /app HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(4000) + "\r\n\r\n");
            assertEquals(431, client.answer().status());
            server.configure("queue.length", "-1");
            assertEquals(1, server.agent.peers().size());
            assertTrue(server.agent.problem().contains("queue.length = -1"), server.agent.problem());
        }
    }

    @Test
    void listenerThatCannotMoveGoesOn() throws Exception {
        try (Server server = new Server();
                ServerSocket other = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            int before = server.agent.port();
            server.configure("port", Integer.toString(other.getLocalPort()));
            await(
                    () -> server.agent.listener().startsWith("cannot listen on 127.0.0.1:" + other.getLocalPort()),
                    "word of the port in use");
            String status = server.agent.listener();
            assertTrue(status.endsWith("; still listening on 127.0.0.1:" + before), status);
            server.peer("app").close();
            other.close();
            await(() -> server.agent.listener().equals("listening on 127.0.0.1:" + other.getLocalPort()), "move");
            server.peer("app").close();
            assertThrows(IOException.class, () -> new TestPeer(before));
            // Its own port is not in use by somebody else.
            server.configure("port", Integer.toString(other.getLocalPort()), "address", "0.0.0.0");
            await(
                    () -> server.agent.listener().startsWith("listening")
                            && !server.agent.listener().contains("127"),
                    "listener on all addresses");
            server.peer("app").close();
        }
    }

    @Test
    void unknownKeyIsAProblemWithTheNearest() {
        String unknown = "ignoring keys of etc/org.handoff.lrwp.cfg: peer (the nearest is peers)";
        try (Server server = new Server("peer", "1", "application.app", "*", "http.body", "10")) {
            assertEquals(unknown, server.agent.problem());
            server.configure("peers", "1");
            assertEquals("", server.agent.problem());
            server.configure("peer", "1");
            assertEquals(unknown, server.agent.problem());
        }
    }

    @Test
    void peersBeyondTheMostAreToldAndThenNotEvenThat() throws Exception {
        try (Server server = new Server("peers", "2");
                TestPeer one = server.peer("app");
                TestPeer two = server.peer("app");
                TestPeer three = new TestPeer(server.agent.port())) {
            three.send("app\u00FF\u00FF\u00FF");
            three.expect("ERROR: out of resources");
            assertTrue(three.atEnd());
        }
    }

    /** Whoever says nothing loses its place to those who come. */
    @Test
    void silentConnectionsKeepNoPeerOutAndFillNoLog() throws Exception {
        long before = crowdedOut();
        List<TestPeer> silent = new ArrayList<>();
        try (Server server = new Server("peers", "20", "peers.per.address", "20", "startup.timeout", "1000");
                TestPeer first = server.peer("app");
                Client client = server.client()) {
            for (int i = 0; i < 300; i++) {
                silent.add(new TestPeer(server.agent.port()));
            }
            try (TestPeer second = server.peer("late")) {
                client.get("/late");
                second.serve(OK);
                assertEquals(200, client.answer().status());
                client.get("/app");
                first.serve(OK);
                assertEquals(200, client.answer().status());
                await(() -> server.agent.peers().size() <= 22, "end of the oldest");
            }
        } finally {
            for (TestPeer one : silent) {
                one.close();
            }
        }
        assertTrue(crowdedOut() - before <= 1, "lines in the log");
    }

    private static long crowdedOut() throws IOException {
        Path log = Path.of(System.getProperty("org.slf4j.simpleLogger.logFile"));
        if (!Files.exists(log)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(log, ISO_8859_1)) {
            return lines.filter(line -> line.contains("has not said what it serves"))
                    .count();
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
                    () -> server.agent.contexts().stream()
                            .anyMatch(one -> one.context().equals("/hello/deep")
                                    && one.problem().equals("the peers of /hello serve it, by override")),
                    "the owner");
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
