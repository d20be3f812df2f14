package org.handoff.monitor.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.handoff.testkit.Await.await;
import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.handoff.monitor.api.ResponseTail;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.monitor.internal.TestTarget.Offer;
import org.handoff.testkit.Client;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the monitor does with the responses that dead workers leave. */
@Timeout(300)
class CompletionTest {

    private static final String A = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** More than the system keeps for a client that does not read. */
    private static final int LARGE = 12_000_000;

    private final TestMonitor monitor = new TestMonitor();
    private final TestTarget target = new TestTarget();
    private final AtomicInteger closed = new AtomicInteger();
    private int readsInTurn;
    private int mostReadsInTurn;

    @AfterEach
    void stop() {
        monitor.close();
    }

    /** Bytes that tell their place. */
    private final class Tail implements ResponseTail {

        private final long length;

        Tail(long length) {
            this.length = length;
        }

        @Override
        public long length() {
            return length;
        }

        @Override
        public int memory() {
            return 0;
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            if (readsInTurn++ == 0) {
                // Comes when the loop has done what it was woken for.
                monitor.component.loop().execute(() -> {
                    mostReadsInTurn = Math.max(mostReadsInTurn, readsInTurn);
                    readsInTurn = 0;
                });
            }
            for (long at = offset; into.hasRemaining(); at++) {
                into.put((byte) (at % 251));
            }
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    private Client held(List<Offer> offers) throws Exception {
        Client client = new Client(monitor.port());
        client.send(A);
        offers.add(target.next());
        return client;
    }

    private void complete(Offer offer, long length, boolean keep, String unused) throws Exception {
        monitor.onLoop(() -> offer.connection()
                .complete(
                        new Tail(length),
                        keep,
                        PATIENCE,
                        UnusedBytes.of(ByteBuffer.wrap(unused.getBytes(ISO_8859_1)), 2L * A.length())));
    }

    private static void check(Client client, int length) throws IOException {
        byte[] received = client.in().readNBytes(length);
        assertEquals(length, received.length);
        for (int i = 0; i < length; i++) {
            assertEquals((byte) (i % 251), received[i], "at " + i);
        }
    }

    private List<Offer> start() {
        target.takesUnread = false;
        monitor.add(target, 1, "/a");
        return new ArrayList<>();
    }

    @Test
    void whatWasReadBehindIsRoutedWhenTheRestIsWritten() throws Exception {
        List<Offer> offers = start();
        try (Client client = held(offers);
                Client other = new Client(monitor.port())) {
            complete(offers.get(0), LARGE, true, A);
            // Its client does not read, and nobody waits for it.
            other.send(A);
            Offer others = target.next();
            assertEquals(
                    offers.get(0).connection().id() + 1, others.connection().id());
            assertTrue(target.offers.isEmpty());
            check(client, LARGE);
            Offer next = target.next();
            assertEquals(offers.get(0).connection(), next.connection());
            assertEquals(A, next.received());
            assertEquals(2L * A.length(), next.connection().unused().position());
            assertEquals(1, closed.get());
        }
    }

    @Test
    void aConnectionThatIsNotKeptEndsInOrderBehindTheTail() throws Exception {
        List<Offer> offers = start();
        try (Client client = held(offers);
                Client nothing = held(offers)) {
            complete(offers.get(0), LARGE, false, "");
            complete(offers.get(1), 0, false, "");
            // A client that has no more to say still listens.
            client.socket.shutdownOutput();
            check(client, LARGE);
            assertTrue(client.atEnd());
            assertTrue(nothing.atEnd());
        }
        awaitEquals("the tails to be closed", 2, closed::get);
    }

    @Test
    void whoeverEndsTheConnectionClosesTheTail() throws Exception {
        List<Offer> offers = start();
        try (Client client = held(offers);
                Client stays = held(offers)) {
            complete(offers.get(0), LARGE, true, "");
            complete(offers.get(1), LARGE, true, "");
            client.socket.setSoLinger(true, 0);
            client.close();
            await("the rest to be closed", () -> closed.get() == 1);
            monitor.onLoop(offers.get(1).connection()::cut);
            assertEquals(2, closed.get());
            assertThrows(SocketException.class, () -> stays.in().readAllBytes(), "half a response");
        }
    }

    @Test
    void manyResponsesLeaveTheLoopToOthersInBetween() throws Exception {
        List<Offer> offers = start();
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            clients.add(held(offers));
        }
        monitor.onLoop(() -> offers.forEach(offer -> offer.connection()
                .complete(new Tail(1_000_000), true, PATIENCE, UnusedBytes.none(UnusedBytes.UNKNOWN))));
        for (Client client : clients) {
            check(client, 1_000_000);
            client.close();
        }
        await("all to be closed", () -> closed.get() == clients.size());
        monitor.onLoop(() -> assertTrue(mostReadsInTurn <= 16, "pieces in one turn: " + mostReadsInTurn));
    }
}
