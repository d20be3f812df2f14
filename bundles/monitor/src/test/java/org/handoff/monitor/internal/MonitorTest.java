package org.handoff.monitor.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.monitor.internal.TestTarget.Offer;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.Test;

/** Where requests go, and which ones the monitor answers. */
class MonitorTest extends TwoTargets {

    @Test
    void anUnknownContextIs404AndTheNextPipelinedRequestIsRouted() throws Exception {
        two();
        try (Client client = client()) {
            client.send(NOWHERE + NOWHERE.replace("GET", "HEAD") + A + B);
            assertTrue(client.response().startsWith("HTTP/1.1 404 "));
            Offer offer = a.next();
            assertEquals(A + B, offer.received());
            // Behind the head of the answer to HEAD comes the next answer, not a body.
            offer.respond("a");
            String rest = new String(client.in().readNBytes("HTTP/1.1 404".length()), ISO_8859_1);
            assertEquals("HTTP/1.1 404", rest);
            assertEquals(2, monitor.component.status().answered());
        }
    }

    @Test
    void aSoleTargetGetsTheConnectionUnread() throws Exception {
        monitor.add(a, 1, "/a");
        try (Client client = client()) {
            Offer offer = a.next();
            assertEquals("", offer.received());
            client.send(A);
            await("the request in the socket", () -> monitor.component.status().held() == 1);
            StringBuilder read = new StringBuilder();
            while (read.length() < A.length()) {
                read.append(offer.read());
            }
            assertEquals(A, read.toString());
            offer.respond("served");
            assertTrue(client.response().endsWith("served"));
        }
    }

    @Test
    void aSoleTargetThatTakesRequestsOnlyGetsTheConnectionRead() throws Exception {
        a.takesUnread = false;
        monitor.add(a, 1, "/a");
        try (Client client = client()) {
            await("the connection", () -> monitor.component.status().parked() == 1);
            Offer first = offered(client.send(A), a);
            assertEquals(A, first.received());
            monitor.onLoop(() -> first.connection()
                    .giveBack(UnusedBytes.of(
                            bytes(""), first.connection().unused().position())));
            assertEquals(1, monitor.component.status().parked());
            assertEquals(A, offered(client.send(A), a).received());
        }
    }

    @Test
    void ofTwoTargetsTheHeadDecides() throws Exception {
        two();
        String post = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody";
        try (Client first = client();
                Client second = client()) {
            first.send(A.substring(0, 9));
            second.send(post);
            assertEquals(post, b.next().received());
            first.send(A.substring(9));
            Offer offer = a.next();
            assertEquals(A, offer.received());
            offer.respond("from a");
            assertTrue(first.response().endsWith("from a"));
        }
    }

    @Test
    void aTargetThatGoesTakesItsContextAlong() throws Exception {
        two();
        monitor.add(b, 3, "/c");
        monitor.remove(1);
        monitor.add(a, 4, "/d");
        try (Client client = client()) {
            assertTrue(client.send(A).response().startsWith("HTTP/1.1 404 "));
        }
    }

    @Test
    void aRefusedRequestIs503WithRetryAfterAndTheConnectionGoesOn() throws Exception {
        two();
        a.action = connection -> connection.answer(503);
        try (Client client = client()) {
            String answer = client.send(A).response();
            assertTrue(answer.startsWith("HTTP/1.1 503 "), answer);
            assertTrue(answer.contains("\r\nRetry-After: 1\r\n"), answer);
            assertFalse(answer.contains("Connection: close"), answer);
            assertEquals(B, offered(client.send(B), b).received());
        }
    }

    @Test
    void aConnectionRefusedUnreadIsAnsweredWhenItsRequestIsHere() throws Exception {
        monitor.add(a, 1, "/a");
        a.action = connection -> connection.answer(503);
        try (Client client = client()) {
            assertEquals("", a.next().received());
            assertEquals(0, monitor.component.status().answered());
            assertTrue(client.send(NOWHERE).response().startsWith("HTTP/1.1 404 "));
            assertTrue(client.send(A).response().startsWith("HTTP/1.1 503 "));
        }
    }

    @Test
    void aConnectionThatTwoProcessesHaveNotTakenUnreadIsAnsweredWhenItsRequestIsHere() throws Exception {
        monitor.add(a, 1, "/a");
        a.action = connection -> {
            for (int i = 0; i < 2; i++) {
                a.hold(connection);
                connection.notTaken();
            }
            connection.answer(503);
        };
        try (Client client = client()) {
            assertEquals("", a.next().received());
            assertEquals(0, monitor.component.status().answered());
            assertTrue(client.send(A).response().startsWith("HTTP/1.1 503 "));
            assertEquals(A, a.next().received());
            a.action = a::hold;
            client.send(A);
            a.next().respond("served");
            assertTrue(client.response().endsWith("served"));
        }
    }

    @Test
    void aConnectionGivenBackWithMoreThanCanBePassedOnEnds() throws Exception {
        two();
        try (Client client = client()) {
            Offer offer = offered(client.send(A), a);
            monitor.onLoop(() -> offer.connection()
                    .reroute(UnusedBytes.of(bytes(B + "x".repeat(Connection.MOST_UNUSED)), UnusedBytes.UNKNOWN)));
            assertTrue(client.atEnd());
            assertEquals(0, monitor.component.status().open());
        }
    }

    @Test
    void aTargetThatThrowsIs503() throws Exception {
        two();
        a.action = connection -> {
            throw new IllegalStateException("thrown by the test");
        };
        try (Client client = client()) {
            assertTrue(client.send(A).response().startsWith("HTTP/1.1 503 "));
            assertEquals(B, offered(client.send(B), b).received());
        }
    }

    @Test
    void anAnswerToARequestWithABodyEndsTheConnectionInOrder() throws Exception {
        two();
        try (Client client = client()) {
            client.send("POST /nowhere HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(100));
            String answer = client.response();
            assertTrue(answer.startsWith("HTTP/1.1 404 ") && answer.contains("Connection: close"), answer);
            assertTrue(client.send("x".repeat(99_900)).atEnd());
        }
        await("the connection's end", () -> monitor.component.status().open() == 0);
    }

    @Test
    void anAnswerForADeadWorkerHasNoBodyAndEndsTheConnection() throws Exception {
        two();
        try (Client client = client()) {
            Offer offer = offered(client.send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n"), a);
            monitor.onLoop(() -> offer.connection().answer(502));
            String answer = client.response();
            assertTrue(answer.startsWith("HTTP/1.1 502 ") && answer.contains("Content-Length: 0\r\n"), answer);
            assertTrue(client.atEnd());
        }
        assertEquals(0, a.closed.get(), "the holder is not told of its own answer");
    }

    @Test
    void malformedAndTooLargeHeadsAreRefused() throws Exception {
        two();
        try (Client client = client()) {
            assertTrue(client.send("nonsense\r\n\r\n").response().startsWith("HTTP/1.1 400 "));
            assertTrue(client.atEnd());
        }
        try (Client client = client()) {
            client.send("GET /a HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(Connections.BUFFER));
            assertTrue(client.response().startsWith("HTTP/1.1 431 "));
            assertTrue(client.atEnd());
        }
    }

    @Test
    void aSlowHeadIs408AndASilentConnectionEnds() throws Exception {
        two();
        monitor.configure(0, 1, 75);
        try (Client slow = client();
                Client silent = client()) {
            slow.send("GET /a");
            assertTrue(slow.response().startsWith("HTTP/1.1 408 "));
            assertTrue(slow.atEnd());
            assertTrue(silent.atEnd());
        }
    }
}
