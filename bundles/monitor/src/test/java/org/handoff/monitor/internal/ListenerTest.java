package org.handoff.monitor.internal;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.annotation.Annotation;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;

import org.handoff.monitor.api.UnusedBytes;
import org.handoff.testkit.Client;
import org.handoff.testkit.OpenDescriptors;
import org.handoff.testkit.Ports;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ListenerTest {

    private static final String A = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

    private final TestMonitor monitor = new TestMonitor();
    private final TestTarget a = new TestTarget();

    @AfterEach
    void stop() {
        monitor.close();
    }

    @Test
    void aPortInUseIsReportedAndTheListenerStaysUntilItIsFree() throws Exception {
        int before = monitor.port();
        int port;
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = other.getLocalPort();
            monitor.configure(port, 20, 75);
            String status = listener();
            assertTrue(status.contains("cannot listen on 127.0.0.1:" + port) && status.contains("in use"), status);
            assertTrue(status.endsWith("; still listening on 127.0.0.1:" + before), status);
            assertAnswers(before);
        }
        await("the port", () -> listener().equals("listening on 127.0.0.1:" + port));
        assertAnswers(port);
        assertThrows(IOException.class, () -> new Client(before).close());
    }

    @Test
    void aListenerThatCouldNotMoveStaysOrMovesElsewhereWhenThatIsWanted() throws Exception {
        String before = listener();
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            monitor.configure(other.getLocalPort(), 20, 75);
            monitor.configure(0, 20, 75);
            assertEquals(before, listener());
            assertAnswers(monitor.port());
            monitor.configure(other.getLocalPort(), 20, 75);
            int elsewhere = Ports.free();
            monitor.configure(elsewhere, 20, 75);
            assertEquals("listening on 127.0.0.1:" + elsewhere, listener());
            assertAnswers(elsewhere);
        }
    }

    /** Its own port is not in use by somebody else. */
    @Test
    void aListenerMovesToMoreAndFewerAddressesOfItsPort() throws Exception {
        int port = Ports.free();
        for (String address : List.of("127.0.0.1", "0.0.0.0", "127.0.0.1")) {
            monitor.configure(address, port);
            assertEquals("listening on " + address + ":" + port, listener());
            assertAnswers(port);
        }
        assertThrows(IOException.class, () -> new ServerSocket(port).close(), "somebody else has the port too");
    }

    private String listener() {
        return monitor.component.status().listener();
    }

    private static void assertAnswers(int port) throws Exception {
        try (Client client = new Client(port)) {
            assertTrue(client.send(A).response().startsWith("HTTP/1.1 404 "));
        }
    }

    @Test
    void aChangedPortTakesEffectAndConnectionsLiveOn() throws Exception {
        monitor.add(a, 1, "/a");
        monitor.add(new TestTarget(), 2, "/b");
        int before = monitor.port();
        try (Client parked = new Client(before);
                Client held = new Client(before)) {
            parked.send(A);
            TestTarget.Offer offer = a.next();
            monitor.onLoop(() -> offer.connection().giveBack(UnusedBytes.none(UnusedBytes.UNKNOWN)));
            held.send(A);
            TestTarget.Offer kept = a.next();
            monitor.configure(Ports.free(), 20, 75);
            assertThrows(IOException.class, () -> new Client(before).close());
            new Client(monitor.port()).close();
            assertEquals(A, nextOf(parked));
            kept.respond("still here");
            assertTrue(held.response().endsWith("still here"));
        }
    }

    private String nextOf(Client client) throws Exception {
        client.send(A);
        return a.next().received();
    }

    @Test
    void aValueThatIsNotPossibleChangesNothing() throws Exception {
        int port = monitor.port();
        monitor.configure(-1, 20, 75);
        assertTrue(
                monitor.component.status().problem().contains("port = -1 is not between"),
                monitor.component.status().problem());
        monitor.configure(0, 0, 75);
        assertTrue(
                monitor.component.status().problem().contains("head.timeout = 0"),
                monitor.component.status().problem());
        assertEquals(port, monitor.port());
        new Client(port).close();
        monitor.configure(0, 20, 75);
        assertEquals("", monitor.component.status().problem());
    }

    @Test
    void aStatusNamesWhyNothingIsListenedTo() {
        for (String wrong : List.of(
                "port = 70000 is not between 0 and 65535",
                "port is not a whole number",
                "address = no.such.host.invalid is not an address of this machine")) {
            MonitorComponent component = new MonitorComponent(new WrongConfig(wrong), published -> () -> {});
            assertEquals("not listening", component.status().listener());
            assertTrue(
                    component.status().problem().startsWith("etc/org.handoff.monitor.cfg has " + wrong),
                    component.status().problem());
            component.stop();
        }
    }

    @Test
    void aStatusNamesUnknownKeys() {
        MonitorConfig config = new WrongConfig("");
        monitor.component.configure(config, Map.of("prot", "8081", "memory", "25%"));
        MonitorComponent.Status status = monitor.component.status();
        assertEquals("ignoring keys of etc/org.handoff.monitor.cfg: prot (the nearest is port)", status.unknownKeys());
        assertEquals("", status.problem());
        monitor.component.configure(config, Map.of("port", "0"));
        assertEquals("", monitor.component.status().unknownKeys());
    }

    /** A configuration with the value that the message is about. */
    private record WrongConfig(String message) implements MonitorConfig {

        @Override
        public String address() {
            return message.startsWith("address") ? "no.such.host.invalid" : "127.0.0.1";
        }

        @Override
        public int port() {
            if (message.startsWith("port is")) {
                throw new IllegalStateException("as the component runtime says it");
            }
            return message.startsWith("port") ? 70_000 : 0;
        }

        @Override
        public int head_timeout() {
            return 20;
        }

        @Override
        public int idle_timeout() {
            return 75;
        }

        @Override
        public String memory() {
            return "25%";
        }

        @Override
        public Class<? extends Annotation> annotationType() {
            return MonitorConfig.class;
        }
    }

    @Test
    void nothingIsLeftOfAMonitorThatStops() throws Exception {
        OpenDescriptors before = OpenDescriptors.now();
        TestMonitor other = new TestMonitor();
        other.add(a, 1, "/a");
        other.add(new TestTarget(), 2, "/b");
        try (Client parked = new Client(other.port());
                Client held = new Client(other.port())) {
            held.send(A);
            a.next();
            await("both", () -> other.component.status().accepted() == 2);
            other.close();
            assertTrue(parked.atEnd());
            // Nobody else has the held one's descriptor here, so it ends with the monitor's; and without its notice.
            assertTrue(held.atEnd());
            assertEquals(0, a.closed.get());
        }
        before.awaitNoneSince();
    }
}
