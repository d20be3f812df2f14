package org.handoff.lrwp.agent.internal;

import static org.handoff.testkit.Await.await;
import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

import org.handoff.testkit.Client;
import org.handoff.testkit.Log;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The agent's configuration, its changes, and who gets in by it. */
@Timeout(300)
class AgentConfigurationTest {

    private static final String OK = "Content-type: text/plain\n\n";
    private static final String CROWDED_OUT = "has not said what it serves";

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
            await("new listener", () -> server.agent.listener().contains("127.0.0.2"));
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
                    "word of the port in use",
                    () -> server.agent.listener().startsWith("cannot listen on 127.0.0.1:" + other.getLocalPort()));
            String status = server.agent.listener();
            assertTrue(status.endsWith("; still listening on 127.0.0.1:" + before), status);
            server.peer("app").close();
            other.close();
            await("move", () -> server.agent.listener().equals("listening on 127.0.0.1:" + other.getLocalPort()));
            server.peer("app").close();
            assertThrows(IOException.class, () -> new TestPeer(before));
            // Its own port is not in use by somebody else.
            server.configure("port", Integer.toString(other.getLocalPort()), "address", "0.0.0.0");
            await(
                    "listener on all addresses",
                    () -> server.agent.listener().startsWith("listening")
                            && !server.agent.listener().contains("127"));
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
        long before = Log.count(CROWDED_OUT);
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
                await("end of the oldest", () -> server.agent.peers().size() <= 22);
            }
        } finally {
            for (TestPeer one : silent) {
                one.close();
            }
        }
        assertTrue(Log.count(CROWDED_OUT) - before <= 1, "lines in the log");
    }

    /** Each address loses its own ones. */
    @Test
    void silentConnectionsOfOneAddressLeaveThoseOfAnother() throws Exception {
        List<TestPeer> silent = new ArrayList<>();
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (Server server = new Server("peers", "100", "peers.per.address", "10", "startup.timeout", "1000");
                // It is the oldest of all.
                TestPeer other =
                        new TestPeer(new Socket(loopback, server.agent.port(), InetAddress.getByName("127.0.0.2"), 0));
                Client client = server.client()) {
            awaitEquals("its place", 1, () -> server.agent.peers().size());
            for (int i = 0; i < 50; i++) {
                silent.add(new TestPeer(server.agent.port()));
            }
            for (int i = 0; i < 40; i++) {
                assertTrue(silent.get(i).atEnd());
            }
            awaitEquals("those that may stay", 11, () -> server.agent.peers().size());
            other.send("app\u00FF\u00FF\u00FF");
            other.expect("OK");
            client.get("/app");
            other.serve(OK);
            assertEquals(200, client.answer().status());
        } finally {
            for (TestPeer one : silent) {
                one.close();
            }
        }
    }

    /** The peer hears the refusal's words alone. */
    @Test
    void refusedNameIsInTheLogWithWhy() throws Exception {
        String why = "malformed startup string: \"caf\\xe9\" is not UTF-8";
        long before = Log.count(why);
        try (Server server = new Server();
                TestPeer peer = new TestPeer(server.agent.port())) {
            peer.send("caf\u00E9\u00FF\u00FF\u00FF");
            peer.expect("ERROR: malformed startup string");
            // The line comes before the answer.
            assertEquals(before + 1, Log.count(why));
        }
    }
}
