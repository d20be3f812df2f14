package org.handoff.monitor.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

import io.netty.channel.unix.Socket;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.monitor.internal.TestTarget.Offer;
import org.handoff.socket.SharedFile;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.Test;

/** What comes back from targets, with and without bytes of further requests. */
class GiveBackTest extends TwoTargets {

    // From Linux's linux/in.h and linux/tcp.h.
    private static final int IPPROTO_TCP = 6;
    private static final int TCP_CORK = 3;

    @Test
    void aConnectionGivenBackIsParkedAndItsNextRequestRouted() throws Exception {
        two();
        try (Client client = client()) {
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
        try (Client client = client()) {
            Offer first = offered(client.send(A), a);
            monitor.onLoop(() ->
                    first.connection().giveBack(UnusedBytes.of(bytes(B.substring(0, 10)), UnusedBytes.UNKNOWN)));
            assertEquals(B, offered(client.send(B.substring(10)), b).received());
        }
    }

    @Test
    void theProgressOfADeadHolderIsWhatTheKernelCounts() throws Exception {
        two();
        try (Client client = client()) {
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
    void nothingIsHeldBackBehindADeadHolder() throws Exception {
        two();
        try (Client client = client()) {
            Offer first = offered(client.send(A), a);
            Socket socket = new Socket(first.connection().descriptor());
            ByteBuffer option = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder());
            socket.setRawOpt(IPPROTO_TCP, TCP_CORK, option.putInt(0, 1));
            first.respond("1");
            monitor.onLoop(() -> {
                try {
                    long position = first.connection().progress().position();
                    first.connection().giveBack(UnusedBytes.none(position));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            client.response();
            socket.getRawOpt(IPPROTO_TCP, TCP_CORK, option.clear());
            assertEquals(0, option.getInt(0));
        }
    }

    @Test
    void aForeignRequestGoesToItsTarget() throws Exception {
        two();
        try (Client client = client()) {
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
        try (Client client = client()) {
            assertEquals("", a.next().received());
            assertEquals(A + B, a.next().received());
            assertTrue(client.response().startsWith("HTTP/1.1 404 "));
            assertTrue(client.response().startsWith("HTTP/1.1 404 "), "/b is nobody's");
            assertTrue(a.offers.isEmpty());
        }
    }

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
        await("the end of the file", () -> {
            try {
                spilled.file().size();
                return false;
            } catch (IOException e) {
                return true;
            }
        });
    }

    @Test
    void aLargeRequestGivenBackIsRoutedByItsHeadInTheFile() throws Exception {
        two();
        String post = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n";
        SpilledBytes first = spilled(post + "x".repeat(100_000));
        SpilledBytes second = spilled(post + "x".repeat(110_000));
        try (Client client = client()) {
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
        try (Client client = client()) {
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
        try (Client client = client()) {
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
            try (Client client = client()) {
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
        try (Client client = client()) {
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
        try (Client client = client()) {
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
}
