package org.handoff.monitor.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.netty.channel.unix.FileDescriptor;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.internal.TestTarget.Offer;
import org.handoff.socket.Descriptors;
import org.handoff.testkit.Client;
import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.Test;

/** Connections that another process holds, and what is left of them. */
class HeldTest extends TwoTargets {

    @Test
    void aHeldConnectionIsNotReadWhenItsClientSendsOrEndsItsSide() throws Exception {
        two();
        try (Client client = client()) {
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

    private int unreadBytes(Client client) {
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
        OpenDescriptors before = OpenDescriptors.now();
        try (Client client = client()) {
            Offer offer = offered(client.send(A), a);
            // A reset, as by a client that is killed: the other holder has nothing to say about it.
            client.socket.setSoLinger(true, 0);
            client.close();
            await("the holder's notice", () -> a.closed.get() == 1);
            assertFalse(offer.connection().isOpen());
        }
        monitor.onLoop(() -> {});
        before.awaitNoneSince();
        assertEquals(0, monitor.component.status().open());
        assertEquals(1, a.closed.get());
    }

    @Test
    void aConnectionIsNotEndedByTheFormerOneOfItsNumberThatAnotherProcessStillHolds() throws Exception {
        two();
        // It has its own number before that of the first one is free.
        Socket second = new Socket();
        second.bind(null);
        List<Integer> held = new ArrayList<>();
        try (Client client = client()) {
            Connection first = offered(client.send(A), a).connection();
            int number = first.descriptor();
            do {
                held.add(Descriptors.duplicate(number));
            } while (held.get(held.size() - 1) < number);
            new io.netty.channel.unix.Socket(held.get(0)).shutdown();
            await("the end of the first", () -> a.closed.get() == 1);
            monitor.onLoop(() -> {});
            second.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), monitor.port()));
            Client next = new Client(second);
            Offer offer = offered(next.send(A), a);
            assertEquals(number, offer.connection().descriptor());
            // Turns of the loop in which the first one's end would be seen again.
            monitor.onLoop(() -> {});
            monitor.onLoop(() -> {});
            offer.respond("kept");
            assertTrue(next.response().endsWith("kept"));
            assertTrue(offer.connection().isOpen());
            assertEquals(1, a.closed.get());
        } finally {
            second.close();
            for (int one : held) {
                new FileDescriptor(one).close();
            }
        }
    }

    @Test
    void aConnectionThatIsCutBeforeItsHangUpIsReportedIsWatchedNoMore() throws Exception {
        two();
        List<Integer> held = new CopyOnWriteArrayList<>();
        List<String> watched = new CopyOnWriteArrayList<>();
        a.action = connection -> {
            try {
                held.add(Descriptors.duplicate(connection.descriptor()));
                a.hold(connection);
                connection.cut();
                watched.addAll(watches(connection.descriptor()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
        Client client = client();
        await("the connection", () -> monitor.component.status().open() == 1);
        monitor.onLoop(() -> {
            // Its request and its end come together.
            client.send(A).socket.setSoLinger(true, 0);
            client.close();
            return null;
        });
        offered(client, a);
        await("the end", () -> monitor.component.status().open() == 0);
        new FileDescriptor(held.get(0)).close();
        assertEquals(List.of(), watched);
    }

    /** What epoll sets of this process watch under a number. */
    private static List<String> watches(int descriptor) throws IOException {
        List<String> watches = new ArrayList<>();
        try (var files = Files.newDirectoryStream(Path.of("/proc/self/fdinfo"))) {
            for (Path file : files) {
                try {
                    Files.readAllLines(file).stream()
                            .filter(line -> line.matches("tfd: +" + descriptor + " .*"))
                            .forEach(watches::add);
                } catch (NoSuchFileException e) {
                    // Another thread has closed it.
                }
            }
        }
        return watches;
    }

    @Test
    void aHangUpWhileOfferedIsSeenByTheQueue() throws Exception {
        two();
        a.action = connection -> {};
        try (Client client = client()) {
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
        try (Client client = client()) {
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
        try (Client client = client()) {
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
        OpenDescriptors before = OpenDescriptors.now();
        List<Client> clients = new ArrayList<>();
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 100; i++) {
                Client client = client();
                clients.add(client);
                // Held, answered, parked, and in the middle of a head.
                client.send(i % 4 == 0 ? B : i % 4 == 1 ? A : i % 4 == 2 ? NOWHERE : "GET /");
            }
            for (int i = 0; i < 100; i++) {
                Client client = clients.get(i);
                if (i % 4 == 0) {
                    Connection held = b.next().connection();
                    monitor.onLoop(held::cut);
                } else if (i % 4 != 3) {
                    client.response();
                }
            }
            for (Client client : clients) {
                client.close();
            }
            clients.clear();
            await("all to end", () -> monitor.component.status().open() == 0);
        }
        monitor.onLoop(() -> {});
        assertEquals(2000, monitor.component.status().accepted());
        before.awaitNoneSince();
    }
}
