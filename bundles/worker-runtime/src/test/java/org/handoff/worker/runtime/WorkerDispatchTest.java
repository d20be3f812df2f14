package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;

import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBackReason;
import org.junit.jupiter.api.Test;

/** Which connections a worker leaves to others between two requests. */
class WorkerDispatchTest extends WorkerFixture {

    @Test
    void byRequestEachResponseGivesTheConnectionBackAndSaysThatThereIsRoom() throws Exception {
        environment.put("HANDOFF_DISPATCH", "request");
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient()) {
            pool.ready();
            for (int i = 1; i <= 3; i++) {
                pool.handOff(client, 1, 5, (long) i * HELLO.length(), HELLO);
                assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
                assertEquals((long) i * HELLO.length(), pool.awaitFreeAndGiveBack(1, 5, ""));
            }
            // A request that is still arriving keeps nobody else out.
            pool.handOff(client, 1, 5, HELLO.length() + 10, HELLO.substring(0, 10));
            pool.await(FrameType.FREE);
            client.send(HELLO.substring(10));
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
            assertEquals(2L * HELLO.length(), pool.awaitGiveBack(GiveBackReason.DISPATCH, 1, 5, ""));
        }
    }

    @Test
    void givesBackAsManyConnectionsAsTheMonitorWantsEachBehindItsNextResponse() throws Exception {
        try (TestPool pool = start(JDK);
                MonitoredClient one = new MonitoredClient();
                MonitoredClient other = new MonitoredClient()) {
            pool.ready();
            pool.handOff(one, 1, 1, HELLO);
            pool.handOff(other, 2, 2, HELLO);
            assertEquals("200 /hello " + pool.pid(), one.statusAndBody());
            assertEquals("200 /hello " + pool.pid(), other.statusAndBody());
            pool.want(7);
            pool.want(1);
            pool.send(FrameType.PING);
            pool.await(FrameType.PONG);
            one.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), one.statusAndBody());
            assertEquals(2L * HELLO.length(), pool.awaitGiveBack(GiveBackReason.DISPATCH, 1, 1, ""));
            for (int i = 0; i < 2; i++) {
                other.send(HELLO);
                assertEquals("200 /hello " + pool.pid(), other.statusAndBody(), "kept");
            }
        }
    }

    @Test
    void adaptiveLeavesToOthersWhatWouldWaitBehindASlowHandler() throws Exception {
        environment.put("HANDOFF_DISPATCH", "adaptive");
        addWaiting();
        try (TestPool pool = start(JDK);
                MonitoredClient slow = new MonitoredClient();
                MonitoredClient idle = new MonitoredClient();
                MonitoredClient late = new MonitoredClient();
                ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(idle, 1, 1, "");
            pool.handOff(slow, 2, 2, waiting(gate));
            try (Socket running = gate.accept()) {
                assertTrue(running.isConnected());
                pool.await(FrameType.SLOW);
                pool.awaitGiveBack(GiveBackReason.DISPATCH, 1, 1, "");
                pool.handOff(late, 3, 3, HELLO + FOREIGN);
                assertEquals(
                        HELLO.length() + FOREIGN.length(),
                        pool.awaitGiveBack(GiveBackReason.DISPATCH, 3, 3, HELLO + FOREIGN));
            }
            assertEquals("200 waited", slow.statusAndBody());
            pool.awaitFreeAndGiveBack(2, 2, "");
            // Quick again after enough quick ones; then the connection stays.
            Set<FrameType> frames = Set.of();
            long position = HELLO.length();
            for (int i = 0; !frames.contains(FrameType.QUICK); i++, position += HELLO.length()) {
                assertTrue(i < 1000, "not quick after 1000 requests");
                pool.handOff(late, 1, 3, position, HELLO);
                assertEquals("200 /hello " + pool.pid(), late.statusAndBody());
                frames = Set.of(pool.next().type(), pool.next().type());
                assertTrue(frames.contains(FrameType.GIVE_BACK), frames::toString);
            }
            pool.handOff(late, 1, 3, position, HELLO);
            assertEquals("200 /hello " + pool.pid(), late.statusAndBody());
            late.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), late.statusAndBody(), "kept");
        }
    }

    @Test
    void beginsExactlyAsManyRequestsAsItMay() throws Exception {
        environment.put("HANDOFF_MAX_REQUESTS", "2");
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient();
                MonitoredClient other = new MonitoredClient()) {
            pool.ready();
            pool.handOff(other, 1, 1, "");
            pool.handOff(client, 2, 2, HELLO + HELLO + HELLO);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
            pool.await(FrameType.QUOTA_REACHED);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 1, 1, "");
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 2, 2, HELLO);
            pool.send(FrameType.ON);
            pool.handOff(other, 3, 1, HELLO);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 3, 1, HELLO);
            assertEquals(2, pool.scoreboard().requests());
        }
    }
}
