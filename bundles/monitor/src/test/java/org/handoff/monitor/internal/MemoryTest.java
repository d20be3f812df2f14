package org.handoff.monitor.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.handoff.http.config.HeapShare;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.ResponseTail;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.testkit.Client;
import org.handoff.testkit.DirectMemory;
import org.handoff.testkit.Log;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What all clients together can make the monitor keep is bounded; nobody who sends whole requests notices. */
@Timeout(300)
class MemoryTest {

    private static final long BOUND = 1 << 20;
    private static final String A = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    private static final String LACK = "connections were ended or refused for lack of memory";
    private static final String FIELDS = ("X: " + "x".repeat(995) + "\r\n").repeat(40);

    private final TestMonitor monitor = new TestMonitor("1m");
    private final TestTarget a = new TestTarget();
    private final List<Client> clients = new ArrayList<>();

    @AfterEach
    void stop() throws IOException {
        for (Client client : clients) {
            client.close();
        }
        monitor.close();
    }

    private void two() {
        monitor.add(a, 1, "/a");
        monitor.add(new TestTarget(), 2, "/b");
    }

    private Client client() throws IOException {
        Client client = new Client(monitor.port());
        clients.add(client);
        return client;
    }

    private long memory() {
        return monitor.component.status().memory();
    }

    @Test
    void theOldestUnfinishedHeadsEndWhereAllTogetherAreTooLarge() throws Exception {
        two();
        long before = Log.count(LACK);
        Client normal = client();
        List<Client> unfinished = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            unfinished.add(client().send("GET /a HTTP/1.1\r\nHost: h\r\n" + FIELDS));
            if (i % 10 == 9) {
                serve(normal);
            }
        }
        await("the last head", () -> monitor.component.status().ended() > 50);
        assertTrue(memory() <= BOUND + Connections.BUFFER, memory() + " bytes");
        assertTrue(unfinished.get(0).response().startsWith("HTTP/1.1 408 "));
        assertTrue(unfinished.get(0).atEnd());
        // The last one has room, and is served.
        unfinished.get(99).send("\r\n");
        a.next().respond("at last");
        assertTrue(unfinished.get(99).response().endsWith("at last"));
        assertEquals(1, Log.count(LACK) - before, "lines in the log");
    }

    @Test
    void directMemoryDoesNotGrowWithConnections() throws Exception {
        int heads = 500;
        try (TestMonitor roomy = new TestMonitor("64m")) {
            roomy.add(a, 1, "/a");
            roomy.add(new TestTarget(), 2, "/b");
            long before = DirectMemory.used();
            for (int i = 0; i < heads; i++) {
                Client client = new Client(roomy.port());
                clients.add(client);
                client.send("GET /a HTTP/1.1\r\nHost: h\r\n" + FIELDS);
            }
            await("all heads", () -> roomy.component.status().memory() > heads * (long) FIELDS.length());
            assertTrue(
                    DirectMemory.used() - before < heads * (long) FIELDS.length() / 4,
                    DirectMemory.used() + " bytes, before " + before);
        }
    }

    private void serve(Client normal) throws Exception {
        normal.send(A);
        TestTarget.Offer offer = a.next();
        offer.respond("served");
        assertTrue(normal.response().endsWith("served"));
        monitor.onLoop(() -> offer.connection().giveBack(UnusedBytes.none(UnusedBytes.UNKNOWN)));
    }

    @Test
    void requestsThatTargetsHaveAreInAFileAndWholeWhenTheyComeBack() throws Exception {
        two();
        List<TestTarget.Offer> held = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            client().send("GET /a?" + i + " HTTP/1.1\r\nHost: h\r\n" + FIELDS + "\r\n");
            held.add(a.next());
        }
        assertTrue(memory() <= BOUND + Connections.BUFFER, memory() + " bytes");
        for (TestTarget.Offer offer : held) {
            monitor.onLoop(() -> offer.connection().giveBack(offer.connection().unused()));
            TestTarget.Offer again = a.next();
            assertEquals(offer.received(), again.received());
            assertTrue(memory() <= BOUND + Connections.BUFFER, memory() + " bytes");
        }
        assertEquals(0, monitor.component.status().ended());
    }

    @Test
    void aRequestInTheFileIsAnsweredAndTheNextOneRouted() throws Exception {
        two();
        a.action = connection -> {
            // Kept in a queue.
        };
        List<Client> waiting = new ArrayList<>();
        List<TestTarget.Offer> queued = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            waiting.add(client().send("GET /a HTTP/1.1\r\nHost: h\r\n" + FIELDS + "\r\n" + A));
            queued.add(a.next());
        }
        assertTrue(memory() <= BOUND + Connections.BUFFER, memory() + " bytes");
        monitor.onLoop(() -> queued.get(0).connection().answer(503));
        assertTrue(waiting.get(0).response().startsWith("HTTP/1.1 503 "));
        assertEquals(A, a.next().received());
    }

    @Test
    void whatTargetsKeepOfConnectionsCountsAndNewOnesHaveNoRoom() throws Exception {
        two();
        List<TestTarget.Offer> held = new ArrayList<>();
        for (int i = 0; i < 70; i++) {
            client().send(A);
            held.add(a.next());
        }
        long before = memory();
        keep(held, 10_000);
        assertEquals(before + 70 * 10_000, memory());
        keep(held, 16_000);
        assertTrue(client().response().startsWith("HTTP/1.1 503 "));
        keep(held, 0);
        assertTrue(memory() <= before, memory() + " bytes");
        serve(client());
    }

    private void keep(List<TestTarget.Offer> held, int bytes) throws Exception {
        for (TestTarget.Offer offer : held) {
            monitor.onLoop(() -> offer.connection().keeps(bytes));
        }
    }

    @Test
    void idleConnectionsMakeRoomForNewOnes() throws Exception {
        two();
        int most = (int) (BOUND / Connections.CONNECTION_BYTES);
        List<Client> idle = new ArrayList<>();
        for (int i = 0; i < most + 50; i++) {
            idle.add(client());
        }
        serve(client());
        assertTrue(idle.get(0).atEnd());
        assertTrue(memory() <= BOUND, memory() + " bytes");
        serve(idle.get(most + 49));
    }

    @Test
    void aNewConnectionIsServedWhereOnlyItsOwnBytesExceedTheBound() throws Exception {
        two();
        for (long free = BOUND - memory(); free <= 0 || free >= Connections.CONNECTION_BYTES; free = BOUND - memory()) {
            long most = free > 40_000 ? 30_000 : Math.max(0, free - Connections.CONNECTION_BYTES * 3 / 2);
            String head = A.substring(0, A.length() - 2) + FIELDS.substring(0, (int) most / 1000 * 1000);
            int rest = (int) Math.max(0, most - head.length() - 7);
            client().send(head + "Y: " + "y".repeat(rest) + "\r\n\r\n");
            a.next();
        }
        serve(client());
        assertEquals(0, monitor.component.status().ended());
    }

    @Test
    void whereTargetsHaveAllThatThereIsRoomForANewConnectionIsRefused() throws Exception {
        monitor.add(a, 1, "/a");
        int most = (int) (BOUND / Connections.CONNECTION_BYTES);
        List<Connection> held = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            client();
            held.add(a.next().connection());
        }
        assertTrue(client().response().startsWith("HTTP/1.1 503 "));
        assertEquals(1, monitor.component.status().ended());
        monitor.onLoop(() -> held.forEach(Connection::cut));
        client();
        a.next();
    }

    @Test
    void nothingIsCountedWhenAllHaveGone() throws Exception {
        two();
        client().send("GET /a HTTP/1.1\r\nHost: h\r\n" + FIELDS);
        client().send("GET /a HTTP/1.1\r\nHost: h\r\n" + FIELDS + "\r\n");
        client().send("GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n").response();
        TestTarget.Offer offer = a.next();
        monitor.onLoop(() -> offer.connection()
                .complete(
                        new ResponseTail() {
                            @Override
                            public long length() {
                                return 10;
                            }

                            @Override
                            public int memory() {
                                return 10;
                            }

                            @Override
                            public void read(long offset, ByteBuffer into) {
                                into.put(new byte[into.remaining()]);
                            }

                            @Override
                            public void close() {
                                // Nothing.
                            }
                        },
                        true,
                        Duration.ofSeconds(5),
                        UnusedBytes.none(UnusedBytes.UNKNOWN)));
        for (Client client : clients) {
            client.close();
        }
        await("the end of all", () -> monitor.component.status().open() == 0);
        assertEquals(0, memory());
    }

    @Test
    void aBoundThatIsNotPossibleIsRefused() {
        for (String value : List.of("0%", "100%", "lots", "1k", "99999g", "")) {
            assertThrows(IllegalArgumentException.class, () -> HeapShare.bytes("memory", value, BOUND), value);
        }
        assertEquals(2 << 20, HeapShare.bytes("memory", "2M", BOUND));
        assertEquals(Runtime.getRuntime().maxMemory() / 100 * 25, HeapShare.bytes("memory", "25%", BOUND));
    }
}
