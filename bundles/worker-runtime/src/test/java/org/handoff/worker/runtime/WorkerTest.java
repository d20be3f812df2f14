package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.SlotState;
import org.handoff.worker.runtime.bundles.Failing;
import org.handoff.worker.runtime.bundles.Hello;
import org.handoff.worker.runtime.bundles.Keeping;
import org.handoff.worker.runtime.bundles.Plain;
import org.handoff.worker.runtime.bundles.Store;
import org.handoff.worker.runtime.bundles.Waiting;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real worker processes, and the protocol that they speak. */
@Timeout(120)
class WorkerTest {

    private static final Path JDK = Jdks.OURS;
    private static final String HELLO = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String FOREIGN = "GET /foreign HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @TempDir
    Path directory;

    private final List<String> generation = new ArrayList<>(List.of("generation=1"));
    private int bundles;
    private int handlers;

    @BeforeEach
    void bundles() throws IOException {
        add(new TestBundle("hello").component(Hello.class, "/hello", ""), Hello.class, "/hello");
    }

    private void add(TestBundle bundle, Class<?> component, String context) throws IOException {
        generation.add("bundle." + ++bundles + "=" + bundle.write(directory));
        if (context != null) {
            generation.add("handler." + ++handlers + ".bundle=" + bundles);
            generation.add("handler." + handlers + ".context.1=" + context);
            if (component != null) {
                generation.add("handler." + handlers + ".component=" + component.getName());
            }
        }
    }

    private void addWaiting() throws IOException {
        add(new TestBundle("waiting").component(Waiting.class, "/waiting", ""), Waiting.class, "/waiting");
    }

    private TestPool start(Path jdk) throws Exception {
        Path file = directory.resolve("generation.properties");
        Files.write(file, generation);
        return new TestPool(jdk, directory, file, "1");
    }

    private static String waiting(ServerSocket gate) {
        return "GET /waiting?" + gate.getLocalPort() + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    private static ServerSocket gate() throws IOException {
        ServerSocket gate = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        gate.setSoTimeout(TestPool.SECONDS * 1000);
        return gate;
    }

    @ParameterizedTest
    @MethodSource("org.handoff.worker.runtime.Jdks#installed")
    void answersFromItsOwnProcess(Path jdk) throws Exception {
        try (TestPool pool = start(jdk); TestPool.Client client = new TestPool.Client()) {
            assertEquals("", pool.ready());
            pool.handOff(client, 3, 11, "");
            client.send(HELLO + HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response(), pool::output);
            assertEquals("200 /hello " + pool.pid(), client.response());
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
        try (TestPool pool = start(JDK); TestPool.Client client = new TestPool.Client()) {
            pool.ready();
            pool.handOff(client, 1, 5, HELLO + FOREIGN + HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response());
            pool.awaitGiveBack(GiveBackReason.FOREIGN, 1, 5, FOREIGN + HELLO);
            pool.handOff(client, 2, 5, "");
            client.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response());
        }
    }

    @Test
    void givesBackWhatAnotherTargetHasInsideItsContext() throws Exception {
        String nested = HELLO.replace("/hello", "/hello/nested");
        try (TestPool pool = start(JDK); TestPool.Client client = new TestPool.Client()) {
            pool.ready();
            pool.handOff(client, 1, 5, nested);
            assertEquals("200 /hello " + pool.pid(), client.response());
            pool.elsewhere("example.org /\n /hello/nested\n");
            client.send(HELLO + nested);
            assertEquals("200 /hello " + pool.pid(), client.response());
            pool.awaitGiveBack(GiveBackReason.FOREIGN, 1, 5, nested);
        }
    }

    @Test
    void livesOnWhenTheClientOfAConnectionHasResetIt() throws Exception {
        try (TestPool pool = start(JDK); TestPool.Client client = new TestPool.Client()) {
            pool.ready();
            for (int i = 1; i <= 20; i++) {
                try (TestPool.Client gone = new TestPool.Client()) {
                    gone.reset();
                    pool.handOff(gone, i, i, "");
                }
            }
            pool.handOff(client, 30, 30, HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response(), pool::output);
        }
    }

    @Test
    void givesBackWhatItHasNoDescriptorForAndServesAgainOnceItHas() throws Exception {
        try (TestPool pool = start(JDK); TestPool.Client first = new TestPool.Client();
                TestPool.Client second = new TestPool.Client()) {
            pool.ready();
            pool.handOff(first, 1, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), first.response());
            pool.limitDescriptors(0);
            for (int i = 0; i < 50; i++) {
                pool.handOff(second, 2, 2, HELLO);
                pool.awaitGiveBack(GiveBackReason.NOT_TAKEN, 2, 2, "");
            }
            first.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), first.response(), "the connection that it has");
            pool.limitDescriptors(100);
            pool.handOff(second, 2, 2, HELLO);
            assertEquals("200 /hello " + pool.pid(), second.response(), pool::output);
        }
    }

    @Test
    void givesAnIdleConnectionBackAlive() throws Exception {
        generation.add("http.idle.timeout=1");
        try (TestPool pool = start(JDK); TestPool.Client client = new TestPool.Client()) {
            pool.ready();
            pool.handOff(client, 0, 1, "");
            pool.awaitGiveBack(GiveBackReason.IDLE, 0, 1, "");
            pool.handOff(client, 0, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response());
        }
    }

    @Test
    void takesNothingBetweenOffAndOn() throws Exception {
        try (TestPool pool = start(JDK); TestPool.Client held = new TestPool.Client();
                TestPool.Client late = new TestPool.Client()) {
            pool.ready();
            pool.handOff(held, 0, 1, HELLO);
            held.response();
            pool.send(FrameType.OFF);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 0, 1, "");
            pool.handOff(late, 7, 2, HELLO);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 7, 2, HELLO);
            pool.send(FrameType.ON);
            pool.handOff(late, 8, 2, HELLO);
            assertEquals("200 /hello " + pool.pid(), late.response());
        }
    }

    @Test
    void finishesTheRequestInProgressBeforeItRetires() throws Exception {
        addWaiting();
        try (TestPool pool = start(JDK); TestPool.Client client = new TestPool.Client(); ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(client, 4, 21, waiting(gate));
            try (Socket running = gate.accept()) {
                assertEquals(21, pool.scoreboard().handling());
                assertEquals(SlotState.HANDLING, pool.scoreboard().state(4));
                assertTrue(running.isConnected());
                pool.send(FrameType.RETIRE);
            }
            assertEquals("200 waited", client.response());
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 4, 21, "");
            assertEquals(0, pool.exitStatus());
            assertEquals(0, pool.scoreboard().handling());
            assertEquals(SlotState.IDLE, pool.scoreboard().state(4));
        }
    }

    @Test
    void finishesTheRequestInProgressWhenTheMonitorGoes() throws Exception {
        addWaiting();
        try (TestPool pool = start(JDK); TestPool.Client client = new TestPool.Client();
                TestPool.Client idle = new TestPool.Client(); ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(idle, 1, 1, "");
            pool.handOff(client, 0, 2, waiting(gate));
            try (Socket running = gate.accept()) {
                assertTrue(running.isConnected());
                pool.end();
                assertTrue(idle.isEnded());
            }
            assertEquals("200 waited", client.response());
            assertTrue(client.isEnded());
            assertEquals(0, pool.exitStatus());
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
        try (TestPool pool = new TestPool(JDK, directory, file, "2")) {
            assertEquals(2, pool.exitStatus());
            assertTrue(pool.output().contains("HANDOFF_PROTOCOL is 2"), pool::output);
        }
    }

    @Test
    void exitsOnAGenerationThatItCannotUse() throws Exception {
        generation.add("handler.1.colour=red");
        try (TestPool pool = start(JDK)) {
            assertEquals(1, pool.exitStatus());
            assertTrue(pool.output().contains("handler.1.colour=red"), pool::output);
        }
    }

    @ParameterizedTest
    @MethodSource("org.handoff.worker.runtime.Jdks#installed")
    void saysWhatIsMissingAndServesTheRest(Path jdk) throws Exception {
        add(new TestBundle("lost").component(Waiting.class, "/lost", "").header("Import-Package",
                "org.handoff.worker.api,org.nowhere;version=\"[1.2,2)\""), Waiting.class, "/lost");
        add(new TestBundle("keeping").with(Store.class).component(Keeping.class, "/hello/kept",
                "<reference name=\"store\" interface=\"" + Store.class.getName() + "\" bind=\"bind\" "
                        + "target=\"(kind=big)\"/>"), Keeping.class, "/hello/kept");
        add(new TestBundle("failing").component(Failing.class, "/failing", ""), Failing.class, "/failing");
        add(new TestBundle("configured").component(Waiting.class, "/configured",
                "configuration-policy=\"require\" configuration-pid=\"org.example.pid\""), Waiting.class, "/configured");
        add(new TestBundle("silent"), null, "/silent");
        try (TestPool pool = start(jdk); TestPool.Client client = new TestPool.Client()) {
            String reasons = pool.ready();
            assertEquals(List.of(
                    "2 the bundle lost 1.0.0 does not resolve: package org.nowhere [1.2.0,2.0.0) is missing, which "
                            + "bundle lost needs",
                    "3 the component " + Keeping.class.getName() + " lacks the service " + Store.class.getName()
                            + " (kind=big)",
                    "4 the component " + Failing.class.getName()
                            + " failed to activate: java.lang.IllegalStateException: no licence",
                    "5 the component " + Waiting.class.getName() + " has no configuration org.example.pid",
                    "6 the bundle silent 1.0.0 registered no service org.handoff.worker.api.Handler for [/silent] when "
                            + "it was started"),
                    reasons.lines().toList(), pool::output);
            pool.handOff(client, 0, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response());
            String below = HELLO.replace("/hello", "/hello/kept");
            client.send(below);
            pool.awaitGiveBack(GiveBackReason.FOREIGN, 0, 1, below);
        }
    }

    @Test
    void answers503ForAServiceThatWentAway() throws Exception {
        add(new TestBundle("plain").with(Plain.class).header("Bundle-Activator", Plain.class.getName())
                .header("Import-Package", "org.handoff.worker.api,org.osgi.framework"), null, "/plain");
        String request = HELLO.replace("/hello", "/plain");
        try (TestPool pool = start(JDK); TestPool.Client client = new TestPool.Client()) {
            assertEquals("", pool.ready(), pool::output);
            pool.handOff(client, 0, 1, request);
            assertEquals("200 plain", client.response());
            client.send(request);
            assertTrue(client.response().startsWith("503 "));
            client.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response());
        }
    }

    @Test
    void hidesTheRuntimesLibrariesFromBundles() throws Exception {
        add(new TestBundle("greedy").component(Waiting.class, "/greedy", "").header("Import-Package",
                "org.handoff.worker.api,io.netty.buffer"), Waiting.class, "/greedy");
        try (TestPool pool = start(JDK)) {
            assertEquals("2 the bundle greedy 1.0.0 does not resolve: package io.netty.buffer is missing, which bundle "
                    + "greedy needs", pool.ready().strip());
            assertFalse(pool.output().contains("Exception"), pool::output);
        }
    }
}
