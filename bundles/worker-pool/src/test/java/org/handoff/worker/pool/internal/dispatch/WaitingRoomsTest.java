package org.handoff.worker.pool.internal.dispatch;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.handoff.monitor.internal.MonitorComponent;
import org.handoff.monitor.internal.TestMonitor;
import org.handoff.testkit.Client;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.worker.TestConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WaitingRoomsTest {

    private final TestMonitor monitor = new TestMonitor();
    private final WaitingRooms rooms =
            new WaitingRooms(monitor.component.loop(), () -> TestPoolConfig.policy(Map.of("queue_length", 2)));
    private final WaitingRoom one = rooms.open();
    private final WaitingRoom other = rooms.open();

    @AfterEach
    void close() {
        one.close();
        other.close();
        monitor.close();
    }

    @Test
    void roomsOfAPoolHaveTheirPlacesTogether() throws Exception {
        List<TestConnection> came =
                Stream.generate(TestConnection::new).limit(6).toList();
        monitor.onLoop(() -> {
            one.take(came.get(0));
            other.take(came.get(1));
            one.take(came.get(2));
            other.take(came.get(3));
        });
        assertEquals(List.of(0, 0, 503, 503, 0, 0), answers(came));
        // Who has gone holds no place, in whichever room.
        came.get(0).open = false;
        monitor.onLoop(() -> {
            other.take(came.get(4));
            one.take(came.get(5));
        });
        assertEquals(List.of(0, 0, 503, 503, 0, 503), answers(came));
    }

    @Test
    void closedRoomHoldsNoPlaces() throws Exception {
        List<TestConnection> came =
                Stream.generate(TestConnection::new).limit(4).toList();
        monitor.onLoop(() -> {
            one.take(came.get(0));
            one.take(came.get(1));
        });
        one.close();
        monitor.onLoop(() -> {
            other.take(came.get(2));
            other.take(came.get(3));
        });
        assertEquals(List.of(0, 0, 0, 0), answers(came));
    }

    @Test
    void roomThatIsClosedWhileTheMonitorStillKnowsItRefuses() throws Exception {
        monitor.add(one, 1, "/a");
        try (Client client = new Client(monitor.port())) {
            client.send("GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
            await("the request in the room", () -> {
                MonitorComponent.Status now = monitor.component.status();
                return now.open() == 1 && now.parked() == 0;
            });
            one.close();
            String response = client.response();
            assertTrue(response.startsWith("HTTP/1.1 503 "), response);
        }
    }

    private static List<Integer> answers(List<TestConnection> connections) {
        return connections.stream().map(connection -> connection.answered).toList();
    }
}
