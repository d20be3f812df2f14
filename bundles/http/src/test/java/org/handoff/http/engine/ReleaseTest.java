package org.handoff.http.engine;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.handoff.http.HttpConnection.Reason;
import org.handoff.http.HttpConnection.State;
import org.handoff.http.Router;
import org.handoff.http.internal.connection.ServerConnection;
import org.handoff.http.limits.HttpLimits;
import org.handoff.testkit.Await;
import org.handoff.testkit.Client;
import org.handoff.worker.api.Handler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections are handed on between two responses, with every byte that was read too early. */
@Timeout(300)
class ReleaseTest {

    private static final String FOREIGN =
            "POST /foreign HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /x HTTP/1.1\r\n";

    private Served server;

    private Client serve(HttpLimits limits, Handler handler) throws Exception {
        server = new Served(limits, handler);
        return server.client();
    }

    private Client serve(Handler handler) throws Exception {
        return serve(HttpLimits.defaults(), handler);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private Served.Watched released(Client client, Reason reason) throws Exception {
        Served.Watched connection = server.connection();
        await("release", () -> connection.ends > 0);
        assertEquals(reason, connection.reason);
        assertEquals(1, connection.ends);
        assertTrue(connection.channel.isOpen());
        assertFalse(connection.channel.isShutdown());
        assertFalse(connection.channel.isRegistered());
        assertFalse(connection.channel.config().isAutoRead());
        assertNull(connection.channel.pipeline().get(ServerConnection.class));
        // The client has noticed nothing: its connection is open, and nothing more was said.
        client.socket.setSoTimeout(50);
        assertThrows(SocketTimeoutException.class, client::atEnd);
        return connection;
    }

    @Test
    void anIdleConnectionIsReleasedAtOnce() throws Exception {
        try (Client client = serve((request, response) -> response.send("x"))) {
            client.get("/").answer();
            server.connection().connection.release();
            server.connection().connection.release();
            assertEquals("", released(client, Reason.REQUESTED).unread);
        }
    }

    @Test
    void aReleasedConnectionCanBeServedAgain() throws Exception {
        try (Client client = serve((request, response) -> response.send("x"))) {
            client.get("/").answer();
            server.connection().connection.release();
            Served.Watched released = released(client, Reason.REQUESTED);
            client.socket.setSoTimeout((int) Await.DEADLINE.toMillis());
            Served.Watched again = server.serve(released.channel, "GET / HT");
            assertEquals("x", client.send("TP/1.1\r\nHost: h\r\n\r\n").answer().text());
            assertEquals(0, again.ends);
        }
    }

    @Test
    void aPartOfAHeadGoesAlong() throws Exception {
        try (Client client = serve((request, response) -> response.send("x"))) {
            client.get("/").answer();
            client.send("\r\nGET /next HTTP/1.1\r\nHo");
            await("next request", () -> server.connection().states.lastIndexOf(State.READING) > 1);
            server.connection().connection.release();
            String unread = released(client, Reason.REQUESTED).unread;
            // What had not been read by then is still in the socket.
            assertTrue("GET /next HTTP/1.1\r\nHo".startsWith(unread) && !unread.isEmpty(), unread);
        }
    }

    @Test
    void aBusyConnectionIsReleasedAfterItsResponse() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        byte[] body = HttpEngineTest.pattern(3_000_000);
        try (Client client = serve((request, response) -> {
            begun.countDown();
            go.await();
            response.stream().write(body);
        })) {
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET /next HTTP/1.1\r\nHost: h\r\n\r\nGET");
            begun.await();
            server.connection().connection.release();
            go.countDown();
            assertEquals(3_000_000, client.answer().body().length);
            assertEquals("GET /next HTTP/1.1\r\nHost: h\r\n\r\nGET", released(client, Reason.REQUESTED).unread);
        }
    }

    @Test
    void aRequestWhoseBodyIsArrivingIsReleasedWithWhatHasCome() throws Exception {
        try (Client client =
                serve((request, response) -> response.send(request.body().readAllBytes()))) {
            String wire = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab";
            client.get("/").answer();
            client.send(wire);
            await("the next request", () -> server.connection().states.lastIndexOf(State.READING) > 1);
            server.connection().connection.release();
            Served.Watched released = released(client, Reason.REQUESTED);
            assertTrue(wire.startsWith(released.unread) && !released.unread.isEmpty(), released.unread);
            client.socket.setSoTimeout((int) Await.DEADLINE.toMillis());
            server.serve(released.channel, released.unread);
            assertEquals("abcd", client.send("cd").answer().text());
        }
    }

    @Test
    void aRequestTooLargeToKeepIsAnsweredFirst() throws Exception {
        try (Client client =
                serve((request, response) -> response.send("" + request.body().readAllBytes().length))) {
            client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100004\r\nExpect: 100-continue\r\n\r\n");
            assertEquals(100, client.answer().status());
            client.send("x".repeat(100_000));
            await("the body", () -> server.connection().received > 100_000);
            server.connection().connection.release();
            client.send("abcdGET");
            assertEquals("100004", client.answer().text());
            assertEquals("GET", released(client, Reason.REQUESTED).unread);
        }
    }

    @Test
    void aRequestThatWaitsForItsTurnIsReleasedWhole() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        String wire = "POST /second HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3\r\nabc\r\n0\r\n\r\nGET /third";
        try (Client first = serve((request, response) -> {
            begun.countDown();
            go.await();
            response.send(request.path());
        })) {
            first.get("/first");
            begun.await();
            try (Client second = server.client()) {
                second.send(wire);
                await(
                        "the second request",
                        () -> server.connections.size() == 2
                                && server.connection().states.contains(State.HANDLING));
                server.connection().connection.release();
                assertEquals(wire, released(second, Reason.REQUESTED).unread);
            }
            go.countDown();
            assertEquals("/first", first.answer().text());
        }
    }

    @Test
    void aRequestThatMayNotBeginWaitsUntilItIsReleased() throws Exception {
        try (Client client = serve((request, response) -> response.send("x"))) {
            client.get("/").answer();
            server.connection().mayBegin = false;
            String wire = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n";
            client.send(wire);
            await("the refusal to begin", () -> server.connection().refused > 0);
            server.connection().connection.release();
            assertEquals(wire, released(client, Reason.REQUESTED).unread);
        }
    }

    @Test
    void aRequestThatMayNeitherBeginNorLeaveIsRefused() throws Exception {
        try (Client client = serve((request, response) -> response.send("x"))) {
            client.get("/").answer();
            server.connection().connection.release();
            Served.Watched released = released(client, Reason.REQUESTED);
            client.socket.setSoTimeout((int) Await.DEADLINE.toMillis());
            Served.Watched again = server.serve(released.channel, null, "", true);
            again.whole = false;
            again.mayBegin = false;
            assertEquals(503, client.get("/").answer().status());
            assertTrue(client.atEnd());
        }
    }

    @Test
    void theLengthOfAResponseIsToldBeforeItsLastByteLeaves() throws Exception {
        byte[] body = HttpEngineTest.pattern(3_000_000);
        try (Client client = serve((request, response) -> {
            switch (request.path()) {
                case "/stream" -> response.stream().write(body);
                case "/bytes" -> response.send(body);
                default -> response.send("x");
            }
        })) {
            for (String path : new String[] {"/", "/stream", "/bytes"}) {
                long before = client.received();
                client.get(path).answer();
                assertEquals(client.received() - before, server.connection().ending, path);
            }
        }
    }

    @Test
    void aForeignRequestIsReleasedWhole() throws Exception {
        try (Client client = serve((request, response) -> response.send("x"))) {
            client.get("/").answer();
            client.send(FOREIGN);
            assertEquals(FOREIGN, released(client, Reason.FOREIGN).unread);
        }
    }

    @Test
    void aForeignRequestBehindOneOfOursIsReleasedWhole() throws Exception {
        try (Client client = serve((request, response) -> response.send("x"))) {
            client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n" + FOREIGN);
            assertEquals("x", client.answer().text());
            assertEquals(FOREIGN, released(client, Reason.FOREIGN).unread);
        }
    }

    @Test
    void aForeignRequestReadByTheMonitorIsReleasedWhole() throws Exception {
        server = new Served(HttpLimits.defaults(), target -> null, FOREIGN);
        try (Client client = server.client()) {
            assertEquals(FOREIGN, released(client, Reason.FOREIGN).unread);
        }
    }

    @Test
    void whatFollowsAForeignRequestIsNotLostWhenTheClientHasClosedItsSide() throws Exception {
        server = new Served(HttpLimits.defaults(), target -> null, "");
        CountDownLatch sent = new CountDownLatch(1);
        server.beforeServing(sent::await);
        String wire = "POST /foreign HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(200_000);
        try (Client client = server.client()) {
            client.send(wire);
            client.socket.shutdownOutput();
            sent.countDown();
            Served.Watched connection = server.connection();
            await("release", () -> connection.ends > 0);
            assertEquals(Reason.FOREIGN, connection.reason);
            assertTrue(wire.startsWith(connection.unread));
            // The rest must be in the socket still: with it the request is whole again.
            server.engine.router(target -> new Router.Route(
                    "/",
                    (request, response) ->
                            response.send(Integer.toString(request.body().readAllBytes().length))));
            server.serve(connection.channel, connection.unread);
            assertEquals("200000", client.answer().text());
        }
    }

    @Test
    void aConnectionIdleForLongIsReleased() throws Exception {
        HttpLimits d = HttpLimits.defaults();
        HttpLimits limits = new HttpLimits(
                d.requestLine(),
                d.header(),
                d.body(),
                d.bodyMemory(),
                d.memory(),
                d.headerTime(),
                d.bodyTime(),
                Duration.ofMillis(1),
                d.writeTime(),
                d.spool(),
                d.tempDir());
        try (Client client = serve(limits, (request, response) -> response.send("x"))) {
            client.get("/").answer();
            assertEquals("", released(client, Reason.IDLE).unread);
        }
    }

    @Test
    void aConnectionThatEndsIsNotReleased() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        try (Client client = serve((request, response) -> {
            begun.countDown();
            go.await();
        })) {
            client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
            begun.await();
            server.connection().connection.release();
            go.countDown();
            assertEquals(200, client.answer().status());
            assertTrue(client.atEnd());
        }
        await("end", () -> server.connection().ends > 0);
        assertNull(server.connection().reason);
        assertFalse(server.connection().channel.isOpen());
    }
}
