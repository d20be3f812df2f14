package org.handoff.lrwp.agent.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.testkit.Await.await;
import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.handoff.lrwp.agent.internal.peer.PeerStartup;
import org.handoff.testkit.Client;
import org.handoff.testkit.DirectMemory;
import org.handoff.testkit.Log;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Peers and their clients together take no more memory than http.memory says, for each half of it what it is for. */
@Timeout(300)
class PeersMemoryTest {

    private static final int MEMORY = 1024 * 1024;
    private static final String SILENT = "it has not said what it serves and others come";
    private static final String CUT = "responses of peers were cut, as all clients and peers together use more";
    private static final String UNFINISHED = "answered 503 and their peers closed, whose headers were not complete";

    @Test
    void peersThatSayNotWhatTheyServeAreBounded() throws Exception {
        int most = MEMORY / 2 / PeerStartup.BYTES;
        int more = 50;
        List<TestPeer> silent = new ArrayList<>();
        long before = Log.count(SILENT);
        try (Server server = new Server(
                        "http.memory", "1m", "peers", "5000", "peers.per.address", "5000", "startup.timeout", "1000");
                Client client = server.client()) {
            for (int i = 0; i < most + more; i++) {
                silent.add(new TestPeer(server.agent.port()));
            }
            // The oldest have made room.
            for (int i = 0; i < more; i++) {
                assertTrue(silent.get(i).atEnd());
            }
            awaitEquals("the others", most, () -> server.agent.peers().size());
            assertTrue(Log.count(SILENT) > before, "a line in the log");
            try (TestPeer peer = server.peer("app")) {
                client.get("/app");
                peer.serve("Content-Type: text/plain\r\n\r\nwell");
                assertEquals("well", client.answer().text());
            }
        } finally {
            for (TestPeer peer : silent) {
                peer.close();
            }
        }
    }

    /**
     * Of each slow client a part of the response waits with its peer, of which one read has brought it; the other half of
     * the memory has what waits behind full spools.
     */
    @Test
    void responsesOfPeersToSlowClientsAreBoundedByCuttingClients() throws Exception {
        int clients = 16;
        List<Client> slow = new ArrayList<>();
        List<Future<?>> answers = new ArrayList<>();
        ExecutorService peers = Executors.newCachedThreadPool();
        long before = Log.count(CUT);
        try (Server server = new Server("http.memory", "1m", "http.spool", "4096", "http.write.timeout", "1000")) {
            for (int i = 0; i < clients; i++) {
                TestPeer peer = server.peer("app" + i);
                slow.add(server.client());
                slow.get(i).get("/app" + i);
                answers.add(peers.submit(() -> {
                    peer.request();
                    answer(peer.socket.getOutputStream());
                    return null;
                }));
            }
            // Who is cut lets its peer say the rest.
            await(
                    "an answer that is cut",
                    () -> answers.stream().filter(Future::isDone).count() > 0);
            await("room for what waits", () -> server.agent.memoryUsed() <= MEMORY);
            await("a line in the log", () -> Log.count(CUT) > before);
        } finally {
            for (Client client : slow) {
                client.close();
            }
            peers.shutdownNow();
        }
    }

    @Test
    void unfinishedHeadersOfPeersAreBoundedByClosingPeers() throws Exception {
        int peers = 24;
        String line = "X-Line: " + "x".repeat(60_000);
        List<Client> clients = new ArrayList<>();
        List<TestPeer> all = new ArrayList<>();
        long before = Log.count(UNFINISHED);
        try (Server server = new Server("http.memory", "1m")) {
            for (int i = 0; i < peers; i++) {
                TestPeer peer = server.peer("app" + i);
                all.add(peer);
                clients.add(server.client().get("/app" + i));
                peer.request();
                // All at once, and in a piece.
                peer.send((i % 2 == 0 ? "000070000" : "IN PIECES000070000") + line);
            }
            await("the end of most peers", () -> server.agent.peers().size() <= MEMORY / 2 / line.length());
            assertTrue(server.agent.memoryUsed() <= MEMORY / 2, server.agent.memoryUsed() + " bytes");
            await("answers to their clients", () -> answered(clients) >= peers - MEMORY / 2 / line.length());
            await("a line in the log", () -> Log.count(UNFINISHED) > before);
            for (Client client : clients) {
                if (client.in().available() > 0) {
                    assertEquals(503, client.answer().status());
                }
            }
        } finally {
            for (int i = 0; i < peers; i++) {
                clients.get(i).close();
                all.get(i).close();
            }
        }
    }

    /** What comes with a connection goes to the body's file, and is in memory no more than is counted. */
    @Test
    void bytesThatCameWithConnectionsAreNotKeptBesideTheirFiles() throws Exception {
        int clients = 500;
        byte[] sent = ("POST /app HTTP/1.1\r\nHost: h\r\nContent-Length: 65000\r\n\r\n" + "x".repeat(60_000))
                .getBytes(ISO_8859_1);
        List<Socket> all = new ArrayList<>();
        try (Server server = new Server("http.memory", "1m");
                TestPeer peer = server.peer("app")) {
            long before = memory();
            for (int i = 0; i < clients; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.monitor.port());
                all.add(socket);
                socket.getOutputStream().write(sent);
            }
            awaitEquals(
                    "all with the agent",
                    clients,
                    () -> server.monitor.component.status().held());
            await(
                    "less in memory than a third of what has come, beside what the monitor and the agent count",
                    () -> memory() - before - server.monitor.component.status().memory() - server.agent.memoryUsed()
                            < clients * sent.length / 3);
            assertEquals("free", server.agent.peers().get(0).state());
        } finally {
            for (Socket socket : all) {
                socket.close();
            }
        }
    }

    /** What this process has in use, on the heap and outside it. */
    private static long memory() {
        System.gc();
        return DirectMemory.used()
                + Runtime.getRuntime().totalMemory()
                - Runtime.getRuntime().freeMemory();
    }

    private static long answered(List<Client> clients) {
        return clients.stream()
                .filter(client -> {
                    try {
                        return client.in().available() > 0;
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .count();
    }

    /** 40 MB in pieces of 10 bytes, so that of what is read much waits behind the one that has no room. */
    private static void answer(OutputStream out) throws IOException {
        out.write("IN PIECES000000028Content-Type: text/plain\r\n\r\n".getBytes(ISO_8859_1));
        byte[] pieces = "0000000100123456789".repeat(50_000).getBytes(ISO_8859_1);
        for (int i = 0; i < 40; i++) {
            out.write(pieces);
        }
        out.write("000000000".getBytes(ISO_8859_1));
    }
}
