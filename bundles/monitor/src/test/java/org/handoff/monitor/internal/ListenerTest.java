package org.handoff.monitor.internal;

import static org.handoff.monitor.internal.TestMonitor.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;

import org.handoff.monitor.api.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ListenerTest {

    private static final String A = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

    private final TestMonitor monitor = new TestMonitor();
    private final TestTarget a = new TestTarget();

    @AfterEach
    void stop() {
        monitor.close();
    }

    @Test
    void aPortInUseIsReportedAndBoundOnceItIsFree() throws Exception {
        int port;
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = other.getLocalPort();
            monitor.configure(port, 20, 75);
            String status = monitor.component.status().listener();
            assertTrue(status.contains("cannot listen on 127.0.0.1:" + port) && status.contains("in use"), status);
        }
        await("the port", () -> monitor.component.status().listener().equals("listening on 127.0.0.1:" + port));
        try (RawClient client = new RawClient(port)) {
            assertTrue(client.send(A).response().startsWith("HTTP/1.1 404 "));
        }
    }

    @Test
    void aChangedPortTakesEffectAndConnectionsLiveOn() throws Exception {
        monitor.add(a, 1, "/a");
        monitor.add(new TestTarget(), 2, "/b");
        int before = monitor.port();
        try (RawClient parked = new RawClient(before); RawClient held = new RawClient(before)) {
            parked.send(A);
            TestTarget.Offer offer = a.next();
            monitor.onLoop(() -> offer.connection().giveBack(ByteBuffer.allocate(0), Connection.UNKNOWN));
            held.send(A);
            TestTarget.Offer kept = a.next();
            monitor.configure(freePort(), 20, 75);
            assertThrows(IOException.class, () -> new RawClient(before).close());
            new RawClient(monitor.port()).close();
            assertEquals(A, nextOf(parked));
            kept.respond("still here");
            assertTrue(held.response().endsWith("still here"));
        }
    }

    private String nextOf(RawClient client) throws Exception {
        client.send(A);
        return a.next().received();
    }

    @Test
    void aValueThatIsNotPossibleChangesNothing() throws Exception {
        int port = monitor.port();
        monitor.configure(-1, 20, 75);
        monitor.configure(0, 0, 75);
        assertEquals(port, monitor.port());
        new RawClient(port).close();
    }

    @Test
    void nothingIsLeftOfAMonitorThatStops() throws Exception {
        TestMonitor.openDescriptors();
        TestMonitor first = new TestMonitor();
        first.close();
        int before = TestMonitor.openDescriptors();
        TestMonitor other = new TestMonitor();
        other.add(a, 1, "/a");
        other.add(new TestTarget(), 2, "/b");
        try (RawClient parked = new RawClient(other.port()); RawClient held = new RawClient(other.port())) {
            held.send(A);
            a.next();
            await("both", () -> other.component.status().accepted() == 2);
            other.close();
            assertTrue(parked.atEnd());
            // Nobody else has the held one's descriptor here, so it ends with the monitor's; and without its notice.
            assertTrue(held.atEnd());
            assertEquals(0, a.closed.get());
        }
        assertEquals(before, TestMonitor.openDescriptors());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
