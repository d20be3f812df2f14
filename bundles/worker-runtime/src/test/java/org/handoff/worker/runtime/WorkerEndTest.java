package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;

import org.handoff.testkit.TestBundle;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.SlotState;
import org.handoff.worker.runtime.bundles.Ending;
import org.handoff.worker.runtime.bundles.Later;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How a worker ends: because the monitor wants it, or has gone, or breaks the protocol, or by a signal. Each test waits
 * for its own worker, most of the time.
 */
@Execution(ExecutionMode.CONCURRENT)
class WorkerEndTest extends WorkerFixture {

    @Test
    void finishesTheRequestInProgressBeforeItRetires() throws Exception {
        addWaiting();
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient();
                ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(client, 4, 21, waiting(gate));
            try (Socket running = gate.accept()) {
                assertEquals(21, pool.scoreboard().handling());
                assertEquals(SlotState.HANDLING, pool.scoreboard().state(4));
                assertTrue(running.isConnected());
                pool.send(FrameType.RETIRE);
            }
            assertEquals("200 waited", client.statusAndBody());
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 4, 21, "");
            assertEquals(0, pool.exitStatus());
            assertEquals(0, pool.scoreboard().handling());
            assertEquals(SlotState.IDLE, pool.scoreboard().state(4));
        }
    }

    @Test
    void finishesTheRequestInProgressWhenTheMonitorGoes() throws Exception {
        addWaiting();
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient();
                MonitoredClient idle = new MonitoredClient();
                ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(idle, 1, 1, "");
            pool.handOff(client, 0, 2, waiting(gate));
            try (Socket running = gate.accept()) {
                assertTrue(running.isConnected());
                pool.end();
                assertTrue(idle.atEnd());
            }
            assertEquals("200 waited", client.statusAndBody());
            assertTrue(client.atEnd());
            assertEquals(0, pool.exitStatus());
        }
    }

    @Test
    void answersWhatWaitsForItsHandlerWhenTheMonitorGoes() throws Exception {
        addWaiting();
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient();
                MonitoredClient next = new MonitoredClient();
                MonitoredClient part = new MonitoredClient();
                ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(client, 0, 1, waiting(gate));
            try (Socket running = gate.accept()) {
                assertTrue(running.isConnected());
                pool.handOff(next, 1, 2, HELLO);
                pool.handOff(part, 2, 3, HELLO.substring(0, 20));
                pool.end();
                part.send(HELLO.substring(20));
            }
            assertEquals("200 waited", client.statusAndBody());
            assertEquals("200 /hello " + pool.pid(), next.statusAndBody());
            assertEquals("200 /hello " + pool.pid(), part.statusAndBody());
            assertTrue(next.atEnd());
            assertEquals(0, pool.exitStatus());
        }
    }

    @Test
    void exitsOnABrokenProtocol() throws Exception {
        try (TestPool pool = start(JDK)) {
            pool.ready();
            pool.send(FrameType.READY);
            assertEquals(3, pool.exitStatus());
            assertTrue(pool.output().contains("READY"), pool::output);
        }
    }

    @Test
    void exitsWhereTheMonitorSpeaksAnotherVersion() throws Exception {
        Path file = directory.resolve("generation.properties");
        Files.write(file, generation);
        try (TestPool pool = new TestPool(JDK, directory, file, "2", environment)) {
            assertEquals(2, pool.exitStatus());
            assertTrue(pool.output().contains("HANDOFF_PROTOCOL is 2"), pool::output);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"handler.1.colour=red", "handler.1.context.9=/a?b"})
    void exitsOnAGenerationThatItCannotUse(String line) throws Exception {
        generation.add(line);
        try (TestPool pool = start(JDK)) {
            assertEquals(1, pool.exitStatus());
            assertTrue(pool.output().contains(line), pool::output);
        }
    }

    @Test
    void bySigtermItServesUntilItIsReplaced() throws Exception {
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient();
                MonitoredClient next = new MonitoredClient()) {
            pool.ready();
            pool.handOff(client, 0, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
            pool.terminate();
            pool.await(FrameType.LEAVING);
            client.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody(), "a kept connection");
            pool.handOff(next, 1, 2, HELLO);
            assertEquals("200 /hello " + pool.pid(), next.statusAndBody(), "a new one");
            pool.send(FrameType.RETIRE);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 0, 1, "");
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 1, 2, "");
            assertEquals(0, pool.exitStatus());
        }
    }

    @Test
    void bySigtermItFinishesItsRequestAndGivesTheOthersBackWhereNobodyReplacesIt() throws Exception {
        addWaiting();
        environment.put("HANDOFF_DRAIN_TIMEOUT", "8");
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient();
                MonitoredClient idle = new MonitoredClient();
                ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(idle, 0, 1, HELLO);
            idle.statusAndBody();
            pool.handOff(client, 1, 2, waiting(gate));
            try (Socket running = gate.accept()) {
                assertTrue(running.isConnected());
                pool.terminate();
                pool.await(FrameType.LEAVING);
                pool.await(FrameType.QUOTA_REACHED);
                pool.awaitGiveBack(GiveBackReason.REQUESTED, 0, 1, "");
                pool.handOff(idle, 2, 1, HELLO);
                pool.awaitGiveBack(GiveBackReason.REQUESTED, 2, 1, HELLO);
            }
            assertEquals("200 waited", client.statusAndBody());
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 1, 2, "");
            assertEquals(0, pool.exitStatus());
        }
    }

    @Test
    void bySigtermItEndsInTimeThoughAHandlerHangs() throws Exception {
        addWaiting();
        environment.put("HANDOFF_DRAIN_TIMEOUT", "1");
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient();
                ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(client, 0, 1, waiting(gate));
            try (Socket running = gate.accept()) {
                pool.terminate();
                assertEquals(1, pool.exitStatus());
                assertTrue(pool.output().contains("This worker was to end 1 s ago"), pool::output);
                assertEquals(-1, running.getInputStream().read());
            }
        }
    }

    @Test
    void endsInTimeWhenTheMonitorHasGoneAndAHandlerHangs() throws Exception {
        addWaiting();
        environment.put("HANDOFF_DRAIN_TIMEOUT", "1");
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient();
                ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(client, 0, 1, waiting(gate));
            try (Socket running = gate.accept()) {
                pool.end();
                assertEquals(1, pool.exitStatus());
                assertTrue(pool.output().contains("This worker was to end 1 s ago"), pool::output);
                assertEquals(-1, running.getInputStream().read());
            }
        }
    }

    private void addEnding() throws Exception {
        add(
                new TestBundle("ending")
                        .component(Ending.class, "/ending", "configuration-policy=\"ignore\" deactivate=\"end\""),
                Ending.class,
                "/ending");
    }

    @ParameterizedTest
    @ValueSource(strings = {"retire", "the monitor goes", "SIGTERM", "SIGTERM, and no replacement", "quota"})
    void deactivatesItsHandlers(String how) throws Exception {
        addEnding();
        environment.put("HANDOFF_DRAIN_TIMEOUT", "2");
        environment.put("HANDOFF_MAX_REQUESTS", "1");
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient()) {
            pool.ready();
            switch (how) {
                case "the monitor goes" -> pool.end();
                case "SIGTERM, and no replacement" -> pool.terminate();
                case "SIGTERM" -> {
                    pool.terminate();
                    pool.await(FrameType.LEAVING);
                    pool.send(FrameType.RETIRE);
                }
                case "quota" -> {
                    pool.handOff(client, 0, 1, HELLO);
                    client.statusAndBody();
                    pool.await(FrameType.QUOTA_REACHED);
                    pool.send(FrameType.RETIRE);
                }
                default -> pool.send(FrameType.RETIRE);
            }
            assertEquals(0, pool.exitStatus(), pool::output);
            assertTrue(pool.output().contains("Ending - deactivated"), pool::output);
        }
    }

    @Test
    void endsInTimeThoughADeactivationHangs() throws Exception {
        addEnding();
        environment.put("HANDOFF_DRAIN_TIMEOUT", "1");
        environment.put("HANG", "yes");
        try (TestPool pool = start(JDK)) {
            pool.ready();
            pool.send(FrameType.RETIRE);
            assertEquals(1, pool.exitStatus());
            assertTrue(pool.output().contains("Ending - deactivated"), pool::output);
            assertTrue(pool.output().contains("This worker was to end 1 s ago"), pool::output);
        }
    }

    /** Whatever ends a worker, its later responses go on, and end in order before the process does. */
    @ParameterizedTest
    @ValueSource(strings = {"retire", "the monitor goes", "SIGTERM", "SIGTERM, and no replacement"})
    void endsLaterResponsesInOrder(String how) throws Exception {
        add(new TestBundle("later").component(Later.class, "/later", ""), Later.class, "/later");
        environment.put("HANDOFF_DRAIN_TIMEOUT", "8");
        try (TestPool pool = start(JDK);
                MonitoredClient events = new MonitoredClient();
                MonitoredClient sent = new MonitoredClient();
                MonitoredClient unsent = new MonitoredClient();
                ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(events, 0, 1, later(""));
            assertTrue(events.until("data: begin\n\n").startsWith("HTTP/1.1 200 "));
            pool.handOff(sent, 1, 2, later("?" + gate.getLocalPort()));
            Socket sending = gate.accept();
            pool.handOff(unsent, 2, 3, later("?" + gate.getLocalPort()));
            try (Socket waiting = gate.accept()) {
                assertTrue(waiting.isConnected());
                switch (how) {
                    case "the monitor goes" -> pool.end();
                    case "SIGTERM, and no replacement" -> {
                        pool.terminate();
                        pool.await(FrameType.LEAVING);
                        pool.await(FrameType.QUOTA_REACHED);
                    }
                    case "SIGTERM" -> {
                        pool.terminate();
                        pool.await(FrameType.LEAVING);
                        pool.send(FrameType.RETIRE);
                    }
                    default -> pool.send(FrameType.RETIRE);
                }
                sending.close();
                assertEquals("200 sent", sent.statusAndBody());
                events.until("\r\n0\r\n\r\n");
                assertEquals("204 ", unsent.statusAndBody());
                assertEquals(0, pool.exitStatus(), pool::output);
            }
        }
    }

    private static String later(String query) {
        return "GET /later" + query + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }
}
