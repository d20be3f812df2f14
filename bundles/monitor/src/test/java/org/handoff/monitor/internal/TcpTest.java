package org.handoff.monitor.internal;

import static org.handoff.testkit.Await.await;
import static org.handoff.testkit.Await.awaitEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.SpilledBytes;
import org.handoff.monitor.api.UnusedBytes;
import org.handoff.socket.SharedFile;
import org.handoff.testkit.Client;
import org.handoff.testkit.OpenDescriptors;
import org.handoff.testkit.Ports;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Targets with listeners of their own: connections of any protocol, of which the monitor reads nothing. */
class TcpTest {

    private final TestMonitor monitor = new TestMonitor("1m");
    private final TestTarget target = new TestTarget();
    private final List<Client> clients = new ArrayList<>();
    private int port;
    private String context;

    @BeforeEach
    void listen() throws IOException {
        port = Ports.free();
        context = "tcp://127.0.0.1:" + port;
        monitor.add(target, 1, context);
        awaitEquals("the listener", "listening on 127.0.0.1:" + port, () -> port(0).listener());
    }

    @AfterEach
    void stop() throws IOException {
        for (Client client : clients) {
            client.close();
        }
        monitor.close();
    }

    private Client client() throws IOException {
        Client client = new Client(port);
        clients.add(client);
        return client;
    }

    private MonitorComponent.Port port(int index) {
        return monitor.component.status().ports().get(index);
    }

    private static UnusedBytes bytes(String text, long position) {
        return UnusedBytes.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1)), position);
    }

    private void giveBack(Connection connection, String unused, long position) throws Exception {
        monitor.onLoop(() -> connection.giveBack(bytes(unused, position)));
    }

    private void awaitParked(int count) {
        awaitEquals(
                "parked connections", count, () -> monitor.component.status().parked());
    }

    @Test
    void aConnectionIsOfferedUnreadWhenItIsNewAndWheneverBytesCome() throws Exception {
        Client client = client();
        Connection connection = target.next().connection();
        giveBack(connection, "", 0);
        awaitParked(1);
        client.send("\0\1not HTTP");
        TestTarget.Offer second = target.next();
        assertSame(connection, second.connection());
        assertEquals("", second.received());
        assertEquals("\0\1not HTTP", second.read());
        giveBack(connection, "", 10);
        awaitParked(1);
        client.send("more");
        assertEquals("more", target.next().read());
        assertEquals(1, port(0).open());
        assertEquals(0, port(0).ended());
    }

    @Test
    void bytesThatWereReadAndNotUsedAreOfferedAtOnce() throws Exception {
        Client client = client();
        Connection connection = target.next().connection();
        giveBack(connection, "rest", 10);
        TestTarget.Offer second = target.next();
        assertEquals("rest", second.received());
        assertEquals(10, connection.unused().position());
        client.send("still in the socket");
        assertEquals("still in the socket", read(second));
        giveBack(connection, "", 29);
        awaitParked(1);
    }

    @Test
    void aConnectionEndsWhereBytesThatWereReadAreLost(@TempDir Path folder) throws Exception {
        Client client = client();
        Connection connection = target.next().connection();
        UnusedBytes lost = new UnusedBytes(
                new SpilledBytes(SharedFile.create(folder), 0, 10), ByteBuffer.wrap("rest".getBytes()), 14);
        monitor.onLoop(() -> connection.giveBack(lost));
        assertTrue(client.atEnd());
        assertEquals(1, port(0).ended());
        assertTrue(target.offers.isEmpty());
    }

    private static String read(TestTarget.Offer offer) {
        StringBuilder read = new StringBuilder();
        await("bytes", () -> read.append(offer.read()).length() > 0);
        return read.toString();
    }

    @Test
    void aConnectionThatNobodyLookedAtIsOfferedOnceMore() throws Exception {
        client();
        Connection connection = target.next().connection();
        monitor.onLoop(connection::giveBackUnchanged);
        assertSame(connection, target.next().connection());
        // In the very call too, as from a queue that is emptied.
        target.action = one -> {
            target.action = target::hold;
            one.giveBackUnchanged();
        };
        monitor.onLoop(connection::giveBackUnchanged);
        assertSame(connection, target.next().connection());
        assertSame(connection, target.next().connection());
        assertTrue(connection.isOpen());
    }

    @Test
    void aClientThatEndsBetweenItsRequestsCostsNoTarget() throws Exception {
        Client client = client();
        giveBack(target.next().connection(), "", 0);
        awaitParked(1);
        client.socket.shutdownOutput();
        assertTrue(client.atEnd());
        awaitEquals("no connection", 0, () -> port(0).open());
        assertTrue(target.offers.isEmpty());
        assertEquals(0, port(0).ended());
    }

    @Test
    void whereHttpIsAnsweredAConnectionIsClosedAndCounted() throws Exception {
        target.action = connection -> connection.answer(503);
        assertTrue(client().atEnd());
        target.action = connection -> connection.unavailable(9);
        assertTrue(client().atEnd());
        target.action = connection -> connection.reroute(connection.unused());
        assertTrue(client().atEnd());
        target.action = connection -> {
            throw new IllegalStateException("by the test");
        };
        assertTrue(client().atEnd());
        target.action = target::hold;
        target.offers.clear();
        Client client = client();
        Connection held = target.next().connection();
        monitor.onLoop(() -> held.answer(502));
        assertTrue(client.atEnd());
        assertEquals(5, port(0).ended());
        assertEquals(0, port(0).open());
        assertEquals(0, target.closed.get());
        assertEquals(0, monitor.component.status().answered());
    }

    @Test
    void connectionsOfAPortWithoutATargetEndWhenTheyBringBytes() throws Exception {
        Client parked = client();
        giveBack(target.next().connection(), "", 0);
        Client held = client();
        Connection connection = target.next().connection();
        awaitParked(1);
        monitor.remove(1);
        awaitEquals("no listener", List.of(), () -> monitor.component.status().ports());
        assertThrows(IOException.class, () -> new Client(port).close());
        parked.send("x");
        assertTrue(parked.atEnd());
        giveBack(connection, "", 0);
        assertTrue(connection.isOpen());
        held.send("x");
        assertTrue(held.atEnd());
        assertTrue(target.offers.isEmpty());
    }

    @Test
    void aPortPassesToTheNextTargetWithItsConnections() throws Exception {
        Client parked = client();
        giveBack(target.next().connection(), "", 0);
        awaitParked(1);
        TestTarget next = new TestTarget();
        monitor.add(next, 2, context);
        assertEquals("shadowed", states().get(1));
        monitor.remove(1);
        awaitEquals("the other target", "t2", () -> port(0).target());
        parked.send("x");
        assertEquals("x", next.next().read());
        new Client(port).close();
        next.next();
        assertTrue(target.offers.isEmpty());
    }

    @Test
    void aConnectionThatComesBackGoesToTheTargetOfThatMoment() throws Exception {
        client();
        Connection connection = target.next().connection();
        TestTarget next = new TestTarget();
        // In one turn of the loop, which has told the port of nothing yet; as when a waiting room is closed.
        monitor.onLoop(() -> {
            monitor.add(next, 2, context);
            monitor.remove(1);
            connection.giveBackUnchanged();
        });
        assertSame(connection, next.next().connection());
        assertTrue(target.offers.isEmpty());
    }

    private List<String> states() {
        return monitor.component.contexts().stream()
                .map(MonitorComponent.ContextStatus::state)
                .toList();
    }

    private String problem(String of) {
        return monitor.component.contexts().stream()
                .filter(context -> context.context().equals(of))
                .map(MonitorComponent.ContextStatus::problem)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPortInUseIsNamedAndTakenWhenItIsFree() throws Exception {
        int taken;
        TestTarget other = new TestTarget();
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            taken = socket.getLocalPort();
            monitor.add(other, 2, "tcp://127.0.0.1:" + taken);
            await(
                    "the problem",
                    () -> problem("tcp://127.0.0.1:" + taken).startsWith("cannot listen on 127.0.0.1:" + taken + ": "));
            assertEquals("", problem(context));
        }
        await("the port", () -> problem("tcp://127.0.0.1:" + taken).isEmpty());
        new Client(taken).close();
        other.next();
    }

    @Test
    void anImpossibleAddressIsNotListenedTo() {
        for (String address :
                List.of("7000", "127.0.0.1:0", "127.0.0.1:70000", "no.such.host.invalid:7000", "::1:7000")) {
            monitor.add(new TestTarget(), 3, "tcp://" + address);
            assertEquals(1, monitor.component.status().ports().size(), address);
        }
        assertEquals(1, monitor.component.contexts().size());
    }

    @Test
    void itIsNoContextOfHttp() throws Exception {
        TestTarget http = new TestTarget();
        monitor.add(http, 2, "/a");
        try (Client client = new Client(monitor.port())) {
            // The only target of contexts takes connections unread.
            assertEquals("", http.next().received());
            assertTrue(target.offers.isEmpty());
        }
        client();
        assertEquals("", target.next().received());
        assertTrue(http.offers.isEmpty());
    }

    @Test
    void silentConnectionsEndWhereAllTogetherAreTooMany() throws Exception {
        int most = (1 << 20) / Connections.CONNECTION_BYTES;
        for (int i = 0; i < most + 100; i++) {
            client();
            giveBack(target.next().connection(), "", 0);
        }
        assertTrue(clients.get(0).atEnd());
        MonitorComponent.Status status = monitor.component.status();
        assertTrue(status.open() <= most, status::toString);
        assertTrue(status.ended() >= 100, status::toString);
        clients.get(most + 99).send("x");
        assertEquals("x", target.next().read());
        // Those that processes have make no room.
        target.action = connection -> {
            connection.handedOff(closed -> {});
            connection.keeps(2 << 20);
        };
        client();
        assertTrue(client().atEnd());
    }

    @Test
    void silentConnectionsEndAfterTheTimeForThat() throws Exception {
        monitor.configure(0, 20, 1);
        Client client = client();
        giveBack(target.next().connection(), "", 0);
        assertTrue(client.atEnd());
        assertEquals(0, port(0).ended());
    }

    @Test
    void aMonitorThatStartsAnewListensAgain() throws Exception {
        client();
        target.next();
        monitor.component.loop().execute(() -> {
            throw new OutOfMemoryError("by the test");
        });
        await("a new start", () -> monitor.component.status().restarts() == 1);
        awaitEquals("the listener", "listening on 127.0.0.1:" + port, () -> port(0).listener());
        client();
        assertEquals("", target.next().received());
    }

    @Test
    void nothingIsLeftOfAPort() throws Exception {
        OpenDescriptors before = OpenDescriptors.now();
        int other = Ports.free();
        TestTarget its = new TestTarget();
        monitor.add(its, 7, "tcp://[::1]:" + other);
        await(
                "the other listener",
                () -> monitor.component.status().ports().stream()
                        .anyMatch(one -> one.listener().startsWith("listening")
                                && one.target().equals("t7")));
        monitor.remove(7);
        await("one listener", () -> monitor.component.status().ports().size() == 1);
        before.awaitNoneSince();
        assertFalse(monitor.component.contexts().isEmpty());
    }
}
