package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.handoff.testkit.Await;
import org.handoff.worker.protocol.ForeignContexts;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.runtime.bundles.Hello;
import org.handoff.worker.runtime.bundles.Waiting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real worker processes, and the protocol that they speak. */
class WorkerTest extends WorkerFixture {

    @ParameterizedTest
    @MethodSource("org.handoff.testkit.Jdks#installed")
    void answersFromItsOwnProcess(Path jdk) throws Exception {
        try (TestPool pool = start(jdk);
                MonitoredClient client = new MonitoredClient()) {
            assertEquals("", pool.ready());
            pool.handOff(client, 3, 11, "");
            client.send(HELLO + HELLO);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody(), pool::output);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
            assertNotEquals(ProcessHandle.current().pid(), pool.pid());
            pool.send(FrameType.RETIRE);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 3, 11, "");
            assertEquals(0, pool.exitStatus());
            assertEquals(2, pool.scoreboard().requests());
            assertTrue(pool.output().contains("INFO " + Hello.class.getName() + " - asked for /hello"), pool::output);
            try (Stream<Path> left = Files.list(directory.resolve("tmp"))) {
                assertEquals(List.of(), left.toList());
            }
        }
    }

    @Test
    void givesAForeignRequestBackWithItsBytes() throws Exception {
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient()) {
            pool.ready();
            pool.handOff(client, 1, 5, HELLO + FOREIGN + HELLO);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
            pool.awaitGiveBack(GiveBackReason.FOREIGN, 1, 5, FOREIGN + HELLO);
            pool.handOff(client, 2, 5, "");
            client.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
        }
    }

    @Test
    void givesBackWhatAnotherTargetHasInsideItsContext() throws Exception {
        String nested = HELLO.replace("/hello", "/hello/nested");
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient()) {
            pool.ready();
            pool.handOff(client, 1, 5, nested);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
            pool.elsewhere(
                    new ForeignContexts.Foreign("example.org", "/"), new ForeignContexts.Foreign("", "/hello/nested"));
            client.send(HELLO + nested);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
            pool.awaitGiveBack(GiveBackReason.FOREIGN, 1, 5, nested);
        }
    }

    @Test
    void livesOnWhenTheClientOfAConnectionHasResetIt() throws Exception {
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient()) {
            pool.ready();
            for (int i = 1; i <= 20; i++) {
                try (MonitoredClient gone = new MonitoredClient()) {
                    gone.reset();
                    pool.handOff(gone, i, i, "");
                }
            }
            pool.handOff(client, 30, 30, HELLO);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody(), pool::output);
        }
    }

    @Test
    void givesBackWhatItHasNoDescriptorForAndServesAgainOnceItHas() throws Exception {
        try (TestPool pool = start(JDK);
                MonitoredClient first = new MonitoredClient();
                MonitoredClient second = new MonitoredClient()) {
            pool.ready();
            pool.handOff(first, 1, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), first.statusAndBody());
            // Once while there are some: from a folder no class is loaded without one.
            pool.handOff(null, 2, 2, "");
            pool.awaitGiveBack(GiveBackReason.NOT_TAKEN, 2, 2, "");
            pool.limitDescriptors(0);
            for (int i = 0; i < 50; i++) {
                pool.handOff(second, 2, 2, HELLO);
                pool.awaitGiveBack(GiveBackReason.NOT_TAKEN, 2, 2, "");
            }
            first.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), first.statusAndBody(), "the connection that it has");
            pool.limitDescriptors(100);
            pool.handOff(second, 2, 2, HELLO);
            assertEquals("200 /hello " + pool.pid(), second.statusAndBody(), pool::output);
        }
    }

    @Test
    void givesAnIdleConnectionBackAlive() throws Exception {
        generation.add("http.idle.timeout=1");
        try (TestPool pool = start(JDK);
                MonitoredClient client = new MonitoredClient()) {
            pool.ready();
            pool.handOff(client, 0, 1, "");
            pool.awaitGiveBack(GiveBackReason.IDLE, 0, 1, "");
            pool.handOff(client, 0, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), client.statusAndBody());
        }
    }

    @Test
    void takesNothingBetweenOffAndOn() throws Exception {
        try (TestPool pool = start(JDK);
                MonitoredClient held = new MonitoredClient();
                MonitoredClient late = new MonitoredClient()) {
            pool.ready();
            pool.handOff(held, 0, 1, HELLO);
            held.statusAndBody();
            pool.send(FrameType.OFF);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 0, 1, "");
            pool.handOff(late, 7, 2, HELLO);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 7, 2, HELLO);
            pool.send(FrameType.ON);
            pool.handOff(late, 8, 2, HELLO);
            assertEquals("200 /hello " + pool.pid(), late.statusAndBody());
        }
    }

    @Test
    void saysWhenADescriptorDidNotArrive() throws Exception {
        try (TestPool pool = start(JDK)) {
            pool.ready();
            pool.handOff(null, 9, 99, HELLO);
            pool.awaitGiveBack(GiveBackReason.NOT_TAKEN, 9, 99, HELLO);
        }
    }

    /** As many clients do; it would be reset where the connection were closed with bytes unread. */
    @Test
    void clientThatReadsOnlyWhenItHasSentEverythingIsAnswered413() throws Exception {
        generation.add("http.body=1000");
        String part = "x".repeat(1 << 20);
        try (TestPool pool = start(JDK)) {
            pool.ready();
            for (int i = 0; i < 10; i++) {
                try (MonitoredClient client = new MonitoredClient()) {
                    pool.handOff(
                            client,
                            i,
                            i + 1,
                            "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: " + (50 << 20) + "\r\n\r\n");
                    // Where nobody reads what it sends, that would never end.
                    CompletableFuture.runAsync(() -> sendOften(client, part))
                            .get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
                    String response = client.statusAndBody();
                    assertTrue(response.startsWith("413 "), response);
                }
            }
        }
    }

    private static void sendOften(MonitoredClient client, String part) {
        try {
            for (int i = 0; i < 50; i++) {
                client.send(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("org.handoff.testkit.Jdks#installed")
    void tellsWhatAHandlerIsDoingAndThatItsEventLoopLives(Path jdk) throws Exception {
        addWaiting();
        try (TestPool pool = start(jdk);
                MonitoredClient client = new MonitoredClient();
                ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(client, 0, 1, waiting(gate));
            try (Socket running = gate.accept()) {
                assertTrue(running.isConnected());
                pool.send(FrameType.PING);
                assertEquals(FrameType.PONG, pool.next().type());
                pool.send(FrameType.DUMP);
                assertEquals(FrameType.DUMPED, pool.next().type());
                String dump = pool.output();
                assertTrue(dump.contains("\"handler\""), dump);
                assertTrue(dump.contains(Waiting.class.getName() + ".handle("), dump);
                assertTrue(dump.contains("\"io\""), dump);
            }
            assertEquals("200 waited", client.statusAndBody());
        }
    }
}
