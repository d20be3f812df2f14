package org.handoff.monitor.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.monitor.internal.TestMonitor.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.monitor.internal.TestTarget.Offer;
import org.handoff.socket.SharedFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class MonitorTest {

    private static final String A = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String B = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String NOWHERE = "GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n";

    @TempDir
    Path folder;

    private final TestMonitor monitor = new TestMonitor();
    private final TestTarget a = new TestTarget();
    private final TestTarget b = new TestTarget();

    @AfterEach
    void stop() {
        monitor.close();
    }

    private void two() {
        monitor.add(a, 1, "/a");
        monitor.add(b, 2, "/b");
    }

    private RawClient client() throws Exception {
        return new RawClient(monitor.port());
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(ISO_8859_1));
    }

    // ---- routing

    @Test
    void anUnknownContextIs404AndTheNextPipelinedRequestIsRouted() throws Exception {
        two();
        try (RawClient client = client()) {
            client.send(NOWHERE + NOWHERE.replace("GET", "HEAD") + A + B);
            assertTrue(client.response().startsWith("HTTP/1.1 404 "));
            Offer offer = a.next();
            assertEquals(A + B, offer.received());
            // Behind the head of the answer to HEAD comes the next answer, not a body.
            offer.respond("a");
            String rest = new String(client.socket.getInputStream().readNBytes("HTTP/1.1 404".length()), ISO_8859_1);
            assertEquals("HTTP/1.1 404", rest);
            assertEquals(2, monitor.component.status().answered());
        }
    }

    @Test
    void aSoleTargetGetsTheConnectionUnread() throws Exception {
        monitor.add(a, 1, "/a");
        try (RawClient client = client()) {
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
        try (RawClient client = client()) {
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
        try (RawClient first = client();
                RawClient second = client()) {
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
        try (RawClient client = client()) {
            assertTrue(client.send(A).response().startsWith("HTTP/1.1 404 "));
        }
    }

    // ---- giving back

    @Test
    void aConnectionGivenBackIsParkedAndItsNextRequestRouted() throws Exception {
        two();
        try (RawClient client = client()) {
            Offer first = offered(client.send(A), a);
            first.respond("1");
            client.response();
            monitor.onLoop(() -> first.connection().giveBack(UnusedBytes.of(bytes(""), UnusedBytes.UNKNOWN)));
            assertEquals(1, monitor.component.status().parked());
            assertEquals(B, offered(client.send(B), b).received());
            assertEquals(0, a.closed.get());
        }
    }

    @Test
    void whatWasReadTooFarIsRoutedWithTheRest() throws Exception {
        two();
        try (RawClient client = client()) {
            Offer first = offered(client.send(A), a);
            monitor.onLoop(() ->
                    first.connection().giveBack(UnusedBytes.of(bytes(B.substring(0, 10)), UnusedBytes.UNKNOWN)));
            assertEquals(B, offered(client.send(B.substring(10)), b).received());
        }
    }

    @Test
    void theProgressOfADeadHolderIsWhatTheKernelCounts() throws Exception {
        two();
        try (RawClient client = client()) {
            Offer first = offered(client.send(A), a);
            assertEquals(A.length(), first.connection().unused().position());
            // Of the next request the holder reads a part, and the rest stays in the socket.
            first.respond("1");
            client.response();
            client.send(B.substring(0, 10));
            await("a part of the next request", () -> {
                try {
                    return first.read().length() > 0;
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            client.send(B.substring(10) + A);
            List<Connection.Progress> seen = new ArrayList<>();
            monitor.onLoop(() -> {
                try {
                    seen.add(first.connection().progress());
                    first.connection()
                            .giveBack(UnusedBytes.of(
                                    bytes(B.substring(0, 10)), seen.get(0).position()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertEquals(
                    List.of(new Connection.Progress(
                            A.length() + 10, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1".length())),
                    seen);
            Offer next = b.next();
            StringBuilder received = new StringBuilder(next.received());
            await("what the client sent last", () -> {
                try {
                    received.append(next.read());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return received.length() >= B.length() + A.length();
            });
            assertEquals(B + A, received.toString());
        }
    }

    @Test
    void aForeignRequestGoesToItsTarget() throws Exception {
        two();
        try (RawClient client = client()) {
            Offer first = offered(client.send(A), a);
            monitor.onLoop(() -> first.connection().reroute(UnusedBytes.of(bytes(B + A), UnusedBytes.UNKNOWN)));
            assertEquals(B + A, b.next().received());
        }
    }

    @Test
    void aRequestThatIsForeignTwiceIs404AndTheConnectionGoesOn() throws Exception {
        monitor.add(a, 1, "/a");
        a.action = connection -> {
            a.hold(connection);
            connection.reroute(UnusedBytes.of(bytes(A + B), connection.unused().position()));
        };
        try (RawClient client = client()) {
            assertEquals("", a.next().received());
            assertEquals(A + B, a.next().received());
            assertTrue(client.response().startsWith("HTTP/1.1 404 "));
            assertTrue(client.response().startsWith("HTTP/1.1 404 "), "/b is nobody's");
            assertTrue(a.offers.isEmpty());
        }
    }

    // ---- requests that begin in a file

    /** The last bytes of a file that the connection is to close. */
    private SpilledBytes spilled(String text) throws IOException {
        SharedFile file = SharedFile.create(folder);
        file.write(bytes("others" + text), 0);
        return new SpilledBytes(file, 6, text.length());
    }

    private static String text(SpilledBytes spilled) {
        try {
            return ISO_8859_1.decode(spilled.first((int) spilled.length())).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertClosed(SpilledBytes spilled) {
        assertThrows(IOException.class, () -> spilled.file().size());
    }

    @Test
    void aLargeRequestGivenBackIsRoutedByItsHeadInTheFile() throws Exception {
        two();
        String post = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n";
        SpilledBytes first = spilled(post + "x".repeat(100_000));
        SpilledBytes second = spilled(post + "x".repeat(110_000));
        try (RawClient client = client()) {
            Offer offer = offered(client.send(A), a);
            monitor.onLoop(() -> offer.connection().giveBack(new UnusedBytes(first, bytes("yz"), UnusedBytes.UNKNOWN)));
            Offer next = b.next();
            assertEquals("yz", next.received());
            assertEquals(
                    post + "x".repeat(100_000), text(next.connection().unused().spilled()));
            // The same one, and then another.
            monitor.onLoop(() -> next.connection()
                    .giveBack(new UnusedBytes(next.connection().unused().spilled(), bytes("yz"), UnusedBytes.UNKNOWN)));
            assertEquals(
                    post + "x".repeat(100_000),
                    text(b.next().connection().unused().spilled()));
            monitor.onLoop(() -> next.connection().giveBack(new UnusedBytes(second, bytes("z"), UnusedBytes.UNKNOWN)));
            assertEquals(
                    post + "x".repeat(110_000),
                    text(b.next().connection().unused().spilled()));
            assertClosed(first);
            monitor.onLoop(() -> next.connection().giveBack(UnusedBytes.of(bytes(A), UnusedBytes.UNKNOWN)));
            assertEquals(A, a.next().received());
            assertClosed(second);
        }
    }

    @Test
    void whatIsNotMuchIsTakenOutOfTheFile() throws Exception {
        two();
        SpilledBytes spilled = spilled(B.substring(0, 10));
        try (RawClient client = client()) {
            Offer offer = offered(client.send(A), a);
            monitor.onLoop(() -> offer.connection()
                    .giveBack(new UnusedBytes(spilled, bytes(B.substring(10, 12)), UnusedBytes.UNKNOWN)));
            assertClosed(spilled);
            Offer next = offered(client.send(B.substring(12)), b);
            assertEquals(B, next.received());
            assertNull(next.connection().unused().spilled());
        }
    }

    @Test
    void aHeadWithoutEndInAFileIs431AndAFileThatIsTooShortIs502() throws Exception {
        two();
        SpilledBytes endless = spilled("GET /b HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(100_000));
        try (RawClient client = client()) {
            Offer offer = offered(client.send(A), a);
            monitor.onLoop(
                    () -> offer.connection().giveBack(new UnusedBytes(endless, bytes("yz"), UnusedBytes.UNKNOWN)));
            assertTrue(client.response().startsWith("HTTP/1.1 431 "));
            assertTrue(client.atEnd());
        }
        assertClosed(endless);
        for (int missing : new int[] {10, 100_000}) {
            SpilledBytes file = spilled(B);
            SpilledBytes lie = new SpilledBytes(file.file(), 6, B.length() + missing);
            try (RawClient client = client()) {
                Offer offer = offered(client.send(A), a);
                monitor.onLoop(
                        () -> offer.connection().giveBack(new UnusedBytes(lie, bytes("yz"), UnusedBytes.UNKNOWN)));
                assertTrue(client.response().startsWith("HTTP/1.1 502 "));
                assertTrue(client.atEnd());
            }
            assertClosed(lie);
        }
    }

    @Test
    void aLargeRequestThatIsForeignTwiceIs404() throws Exception {
        monitor.add(a, 1, "/a");
        SpilledBytes spilled =
                spilled("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(100_000));
        a.action = connection -> {
            a.hold(connection);
            if (connection.unused().spilled() == null) {
                connection.giveBack(new UnusedBytes(spilled, bytes("yz"), spilled.length() + 2));
            } else {
                // The holder has read some more.
                connection.reroute(new UnusedBytes(connection.unused().spilled(), bytes("yzzz"), spilled.length() + 4));
            }
        };
        try (RawClient client = client()) {
            assertEquals("", a.next().received());
            assertEquals("yz", a.next().received());
            assertTrue(client.response().startsWith("HTTP/1.1 404 "));
            assertTrue(a.offers.isEmpty());
            assertTrue(client.atEnd());
        }
        assertClosed(spilled);
    }

    @Test
    void theFileOfAConnectionThatEndsIsClosed() throws Exception {
        two();
        SpilledBytes spilled =
                spilled("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(100_000));
        Offer held;
        try (RawClient client = client()) {
            Offer offer = offered(client.send(A), a);
            monitor.onLoop(
                    () -> offer.connection().giveBack(new UnusedBytes(spilled, bytes("yz"), UnusedBytes.UNKNOWN)));
            held = b.next();
            monitor.onLoop(() -> held.connection().cut());
            assertThrows(SocketException.class, client::atEnd);
        }
        assertClosed(spilled);
        SpilledBytes late = spilled("x".repeat(100_000));
        monitor.onLoop(() -> held.connection().giveBack(new UnusedBytes(late, bytes(""), UnusedBytes.UNKNOWN)));
        assertClosed(late);
    }

    // ---- answers

    @Test
    void aRefusedRequestIs503WithRetryAfterAndTheConnectionGoesOn() throws Exception {
        two();
        a.action = connection -> connection.answer(503);
        try (RawClient client = client()) {
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
        try (RawClient client = client()) {
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
        try (RawClient client = client()) {
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
        try (RawClient client = client()) {
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
        try (RawClient client = client()) {
            assertTrue(client.send(A).response().startsWith("HTTP/1.1 503 "));
            assertEquals(B, offered(client.send(B), b).received());
        }
    }

    @Test
    void anAnswerToARequestWithABodyEndsTheConnectionInOrder() throws Exception {
        two();
        try (RawClient client = client()) {
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
        try (RawClient client = client()) {
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
        try (RawClient client = client()) {
            assertTrue(client.send("nonsense\r\n\r\n").response().startsWith("HTTP/1.1 400 "));
            assertTrue(client.atEnd());
        }
        try (RawClient client = client()) {
            client.send("GET /a HTTP/1.1\r\nHost: h\r\nX: " + "x".repeat(Connections.BUFFER));
            assertTrue(client.response().startsWith("HTTP/1.1 431 "));
            assertTrue(client.atEnd());
        }
    }

    @Test
    void aSlowHeadIs408AndASilentConnectionEnds() throws Exception {
        two();
        monitor.configure(0, 1, 75);
        try (RawClient slow = client();
                RawClient silent = client()) {
            slow.send("GET /a");
            assertTrue(slow.response().startsWith("HTTP/1.1 408 "));
            assertTrue(slow.atEnd());
            assertTrue(silent.atEnd());
        }
    }

    // ---- connections that others hold

    @Test
    void aHeldConnectionIsNotReadWhenItsClientSendsOrEndsItsSide() throws Exception {
        two();
        try (RawClient client = client()) {
            Offer offer = offered(client.send(A), a);
            client.send(B).socket.shutdownOutput();
            // Two turns of the loop later than the end of the stream it would have been noticed.
            await("the bytes", () -> unreadBytes(client) > 0);
            monitor.onLoop(() -> {});
            monitor.onLoop(() -> {});
            assertEquals(1, monitor.component.status().held());
            assertEquals(0, a.closed.get());
            assertEquals(B, offer.read());
            offer.respond("late");
            assertTrue(client.response().endsWith("late"));
        }
    }

    private int unreadBytes(RawClient client) {
        // The kernel's own table: the peer's receive queue holds what the monitor did not read.
        try (var lines = Files.lines(Path.of("/proc/net/tcp"))) {
            String from = String.format(":%04X ", monitor.port());
            String to = String.format(":%04X ", client.socket.getLocalPort());
            return lines.filter(line -> line.contains(from + "0100007F" + to))
                    .findFirst()
                    .map(line -> Integer.parseInt(line.strip().split("\\s+")[4].split(":")[1], 16))
                    .orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aHangUpWhileHeldIsToldOnceAndFreesTheDescriptor() throws Exception {
        two();
        List<String> before = TestMonitor.openDescriptors();
        try (RawClient client = client()) {
            Offer offer = offered(client.send(A), a);
            // A reset, as by a client that is killed: the other holder has nothing to say about it.
            client.socket.setSoLinger(true, 0);
            client.close();
            await("the holder's notice", () -> a.closed.get() == 1);
            assertFalse(offer.connection().isOpen());
        }
        monitor.onLoop(() -> {});
        assertEquals(List.of(), TestMonitor.openedSince(before));
        assertEquals(0, monitor.component.status().open());
        assertEquals(1, a.closed.get());
    }

    @Test
    void aHangUpWhileOfferedIsSeenByTheQueue() throws Exception {
        two();
        a.action = connection -> {};
        try (RawClient client = client()) {
            Offer offer = offered(client.send(A), a);
            client.socket.setSoLinger(true, 0);
            client.close();
            await("the end", () -> !offer.connection().isOpen());
            monitor.onLoop(() -> offer.connection().answer(503));
            assertEquals(0, monitor.component.status().answered());
        }
    }

    @Test
    void onlyTheLastHolderIsTold() throws Exception {
        two();
        try (RawClient client = client()) {
            Offer offer = offered(client.send(A), a);
            monitor.onLoop(() -> {
                offer.connection().notTaken();
                b.hold(offer.connection());
            });
            client.socket.setSoLinger(true, 0);
        }
        await("the second holder's notice", () -> b.closed.get() == 1);
        assertEquals(0, a.closed.get());
    }

    @Test
    void whoCutsIsNotTold() throws Exception {
        two();
        try (RawClient client = client()) {
            Offer offer = offered(client.send(A), a);
            monitor.onLoop(() -> offer.connection().cut());
            assertThrows(SocketException.class, client::atEnd, "a reset: what has come may be half a response");
            assertEquals(0, a.closed.get());
        }
    }

    @Test
    void twoThousandConnectionsLeaveNoDescriptor() throws Exception {
        two();
        a.action = connection -> connection.answer(503);
        List<String> before = TestMonitor.openDescriptors();
        List<RawClient> clients = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 100; i++) {
                RawClient client = client();
                clients.add(client);
                // Held, answered, parked, and in the middle of a head.
                client.send(i % 4 == 0 ? B : i % 4 == 1 ? A : i % 4 == 2 ? NOWHERE : "GET /");
            }
            for (int i = 0; i < 100; i++) {
                RawClient client = clients.get(i);
                if (i % 4 == 0) {
                    Connection held = b.next().connection();
                    monitor.onLoop(held::cut);
                } else if (i % 4 != 3) {
                    client.response();
                }
            }
            for (RawClient client : clients) {
                client.close();
            }
            clients.clear();
            await("all to end", () -> monitor.component.status().open() == 0);
        }
        monitor.onLoop(() -> {});
        assertEquals(2000, monitor.component.status().accepted());
        assertEquals(List.of(), TestMonitor.openedSince(before));
    }

    private static Offer offered(RawClient client, TestTarget by) throws Exception {
        return by.next();
    }
}
