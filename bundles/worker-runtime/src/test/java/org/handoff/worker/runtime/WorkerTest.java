package org.handoff.worker.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.handoff.socket.TcpCounts;
import org.handoff.worker.protocol.Elsewhere;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.MonitorScoreboard;
import org.handoff.worker.protocol.SlotState;
import org.handoff.worker.runtime.bundles.Failing;
import org.handoff.worker.runtime.bundles.Hello;
import org.handoff.worker.runtime.bundles.Keeping;
import org.handoff.worker.runtime.bundles.Large;
import org.handoff.worker.runtime.bundles.Plain;
import org.handoff.worker.runtime.bundles.Store;
import org.handoff.worker.runtime.bundles.Waiting;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Real worker processes, and the protocol that they speak. */
@Timeout(120)
class WorkerTest {

    private static final Path JDK = Jdks.OURS;
    private static final String HELLO = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String FOREIGN = "GET /foreign HTTP/1.1\r\nHost: localhost\r\n\r\n";

    @TempDir
    Path directory;

    private final List<String> generation = new ArrayList<>(List.of("generation=1"));
    private final Map<String, String> environment = new HashMap<>(Map.of("HANDOFF_DISPATCH", "connection"));
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
        return new TestPool(jdk, directory, file, "1", environment);
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
        try (TestPool pool = start(jdk);
                TestPool.Client client = new TestPool.Client()) {
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
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client()) {
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
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client()) {
            pool.ready();
            pool.handOff(client, 1, 5, nested);
            assertEquals("200 /hello " + pool.pid(), client.response());
            pool.elsewhere(new Elsewhere.Foreign("example.org", "/"), new Elsewhere.Foreign("", "/hello/nested"));
            client.send(HELLO + nested);
            assertEquals("200 /hello " + pool.pid(), client.response());
            pool.awaitGiveBack(GiveBackReason.FOREIGN, 1, 5, nested);
        }
    }

    @Test
    void livesOnWhenTheClientOfAConnectionHasResetIt() throws Exception {
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client()) {
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
        try (TestPool pool = start(JDK);
                TestPool.Client first = new TestPool.Client();
                TestPool.Client second = new TestPool.Client()) {
            pool.ready();
            pool.handOff(first, 1, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), first.response());
            // Once while there are some: from a folder no class is loaded without one.
            pool.handOff(null, 2, 2, "");
            pool.awaitGiveBack(GiveBackReason.NOT_TAKEN, 2, 2, "");
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
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client()) {
            pool.ready();
            pool.handOff(client, 0, 1, "");
            pool.awaitGiveBack(GiveBackReason.IDLE, 0, 1, "");
            pool.handOff(client, 0, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response());
        }
    }

    @Test
    void takesNothingBetweenOffAndOn() throws Exception {
        try (TestPool pool = start(JDK);
                TestPool.Client held = new TestPool.Client();
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
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client();
                ServerSocket gate = gate()) {
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
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client();
                TestPool.Client idle = new TestPool.Client();
                ServerSocket gate = gate()) {
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

    @ParameterizedTest
    @MethodSource("org.handoff.worker.runtime.Jdks#installed")
    void saysWhatIsMissingAndServesTheRest(Path jdk) throws Exception {
        add(
                new TestBundle("lost")
                        .component(Waiting.class, "/lost", "")
                        .header("Import-Package", "org.handoff.worker.api,org.nowhere;version=\"[1.2,2)\""),
                Waiting.class,
                "/lost");
        add(
                new TestBundle("keeping")
                        .with(Store.class)
                        .component(
                                Keeping.class,
                                "/hello/kept",
                                "<reference name=\"store\" interface=\"" + Store.class.getName() + "\" bind=\"bind\" "
                                        + "target=\"(kind=big)\"/>"),
                Keeping.class,
                "/hello/kept");
        add(new TestBundle("failing").component(Failing.class, "/failing", ""), Failing.class, "/failing");
        add(
                new TestBundle("configured")
                        .component(
                                Waiting.class,
                                "/configured",
                                "configuration-policy=\"require\" configuration-pid=\"org.example.pid\""),
                Waiting.class,
                "/configured");
        add(new TestBundle("silent"), null, "/silent");
        try (TestPool pool = start(jdk);
                TestPool.Client client = new TestPool.Client()) {
            String reasons = pool.ready();
            assertEquals(
                    List.of(
                            "2 the bundle lost 1.0.0 does not resolve: package org.nowhere [1.2.0,2.0.0) is missing, which "
                                    + "bundle lost needs",
                            "3 the component " + Keeping.class.getName() + " lacks the service " + Store.class.getName()
                                    + " (kind=big)",
                            "4 the component " + Failing.class.getName()
                                    + " failed to activate: java.lang.IllegalStateException: no licence",
                            "5 the component " + Waiting.class.getName() + " has no configuration org.example.pid",
                            "6 the bundle silent 1.0.0 registered no service org.handoff.worker.api.Handler for [/silent] when "
                                    + "it was started"),
                    reasons.lines().toList(),
                    pool::output);
            pool.handOff(client, 0, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response());
            String below = HELLO.replace("/hello", "/hello/kept");
            client.send(below);
            pool.awaitGiveBack(GiveBackReason.FOREIGN, 0, 1, below);
        }
    }

    @Test
    void answers503ForAServiceThatWentAway() throws Exception {
        add(
                new TestBundle("plain")
                        .with(Plain.class)
                        .header("Bundle-Activator", Plain.class.getName())
                        .header("Import-Package", "org.handoff.worker.api,org.osgi.framework"),
                null,
                "/plain");
        String request = HELLO.replace("/hello", "/plain");
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client()) {
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
        add(
                new TestBundle("greedy")
                        .component(Waiting.class, "/greedy", "")
                        .header("Import-Package", "org.handoff.worker.api,io.netty.buffer"),
                Waiting.class,
                "/greedy");
        try (TestPool pool = start(JDK)) {
            assertEquals(
                    "2 the bundle greedy 1.0.0 does not resolve: package io.netty.buffer is missing, which bundle "
                            + "greedy needs",
                    pool.ready().strip());
            assertFalse(pool.output().contains("Exception"), pool::output);
        }
    }

    @Test
    void byRequestEachResponseGivesTheConnectionBackAndSaysThatThereIsRoom() throws Exception {
        environment.put("HANDOFF_DISPATCH", "request");
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client()) {
            pool.ready();
            for (int i = 1; i <= 3; i++) {
                pool.handOff(client, 1, 5, (long) i * HELLO.length(), HELLO);
                assertEquals("200 /hello " + pool.pid(), client.response());
                assertEquals((long) i * HELLO.length(), pool.awaitFreeAndGiveBack(1, 5, ""));
            }
            // A request that is still arriving keeps nobody else out.
            pool.handOff(client, 1, 5, HELLO.length() + 10, HELLO.substring(0, 10));
            pool.await(FrameType.FREE);
            client.send(HELLO.substring(10));
            assertEquals("200 /hello " + pool.pid(), client.response());
            assertEquals(2L * HELLO.length(), pool.awaitGiveBack(GiveBackReason.DISPATCH, 1, 5, ""));
        }
    }

    @Test
    void givesBackAsManyConnectionsAsTheMonitorWantsEachBehindItsNextResponse() throws Exception {
        try (TestPool pool = start(JDK);
                TestPool.Client one = new TestPool.Client();
                TestPool.Client other = new TestPool.Client()) {
            pool.ready();
            pool.handOff(one, 1, 1, HELLO);
            pool.handOff(other, 2, 2, HELLO);
            assertEquals("200 /hello " + pool.pid(), one.response());
            assertEquals("200 /hello " + pool.pid(), other.response());
            pool.want(7);
            pool.want(1);
            pool.send(FrameType.PING);
            pool.await(FrameType.PONG);
            one.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), one.response());
            assertEquals(2L * HELLO.length(), pool.awaitGiveBack(GiveBackReason.DISPATCH, 1, 1, ""));
            for (int i = 0; i < 2; i++) {
                other.send(HELLO);
                assertEquals("200 /hello " + pool.pid(), other.response(), "kept");
            }
        }
    }

    @Test
    void adaptiveLeavesToOthersWhatWouldWaitBehindASlowHandler() throws Exception {
        environment.put("HANDOFF_DISPATCH", "adaptive");
        addWaiting();
        try (TestPool pool = start(JDK);
                TestPool.Client slow = new TestPool.Client();
                TestPool.Client idle = new TestPool.Client();
                TestPool.Client late = new TestPool.Client();
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
            assertEquals("200 waited", slow.response());
            pool.awaitFreeAndGiveBack(2, 2, "");
            // Quick again after enough quick ones; then the connection stays.
            Set<FrameType> frames = Set.of();
            long position = HELLO.length();
            for (int i = 0; !frames.contains(FrameType.QUICK); i++, position += HELLO.length()) {
                assertTrue(i < 1000, "not quick after 1000 requests");
                pool.handOff(late, 1, 3, position, HELLO);
                assertEquals("200 /hello " + pool.pid(), late.response());
                frames = Set.of(pool.next().type(), pool.next().type());
                assertTrue(frames.contains(FrameType.GIVE_BACK), frames::toString);
            }
            pool.handOff(late, 1, 3, position, HELLO);
            assertEquals("200 /hello " + pool.pid(), late.response());
            late.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), late.response(), "kept");
        }
    }

    @Test
    void beginsExactlyAsManyRequestsAsItMay() throws Exception {
        environment.put("HANDOFF_MAX_REQUESTS", "2");
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client();
                TestPool.Client other = new TestPool.Client()) {
            pool.ready();
            pool.handOff(other, 1, 1, "");
            pool.handOff(client, 2, 2, HELLO + HELLO + HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response());
            assertEquals("200 /hello " + pool.pid(), client.response());
            pool.await(FrameType.SPENT);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 1, 1, "");
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 2, 2, HELLO);
            pool.send(FrameType.ON);
            pool.handOff(other, 3, 1, HELLO);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 3, 1, HELLO);
            assertEquals(2, pool.scoreboard().requests());
        }
    }

    @Test
    void answersWhatWaitsForItsHandlerWhenTheMonitorGoes() throws Exception {
        addWaiting();
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client();
                TestPool.Client next = new TestPool.Client();
                TestPool.Client part = new TestPool.Client();
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
            assertEquals("200 waited", client.response());
            assertEquals("200 /hello " + pool.pid(), next.response());
            assertEquals("200 /hello " + pool.pid(), part.response());
            assertTrue(next.isEnded());
            assertEquals(0, pool.exitStatus());
        }
    }

    @Test
    void theScoreboardTellsWhatADeathWouldLose() throws Exception {
        addWaiting();
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client();
                TestPool.Client waiting = new TestPool.Client();
                ServerSocket gate = gate()) {
            pool.ready();
            // 30 bytes were read from this connection before, by somebody else.
            pool.handOff(client, 1, 1, 30 + HELLO.length(), HELLO);
            String first = client.response();
            long written = TcpCounts.of(new io.netty.channel.unix.Socket(client.descriptor()))
                    .written();
            client.send(waiting(gate));
            try (Socket running = gate.accept()) {
                assertTrue(running.isConnected());
                long next = 30 + HELLO.length() + waiting(gate).length();
                assertEquals(
                        new MonitorScoreboard.Told(
                                SlotState.HANDLING, 30 + HELLO.length(), 30 + HELLO.length(), next, written, -1, -1),
                        pool.scoreboard().told(1),
                        first);
                // Read by the worker, and not begun: all of it is in the journal.
                pool.handOff(waiting, 2, 2, 5, HELLO.substring(0, 5));
                waiting.send(HELLO.substring(5));
                long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(TestPool.SECONDS);
                while (!HELLO.equals(StandardCharsets.US_ASCII
                        .decode(pool.scoreboard().journal(2, 0, HELLO.length()))
                        .toString())) {
                    assertTrue(System.nanoTime() < deadline, "not in the journal: " + HELLO);
                    Thread.onSpinWait();
                }
                MonitorScoreboard.Told told = pool.scoreboard().told(2);
                assertEquals(SlotState.READING, told.state());
                assertEquals(0, told.first());
                assertEquals(0, told.request());
            }
            assertEquals("200 waited", client.response());
            long after = TcpCounts.of(new io.netty.channel.unix.Socket(client.descriptor()))
                    .written();
            MonitorScoreboard.Told answered = pool.scoreboard().told(1);
            assertEquals(after, answered.ends());
            assertEquals(after - written, answered.answerBytes());
            assertTrue(answered.keepsAfterAnswer());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"whole", "stream", "file"})
    void sendsWhatIsLeftOfALargeResponseBeforeItCallsAnotherHandler(String kind) throws Exception {
        add(new TestBundle("large").component(Large.class, "/large", ""), Large.class, "/large");
        try (TestPool pool = start(JDK);
                TestPool.Client slow = new TestPool.Client();
                TestPool.Client slower = new TestPool.Client();
                TestPool.Client next = new TestPool.Client()) {
            pool.ready();
            pool.handOff(slow, 1, 1, HELLO);
            slow.response();
            long begins = written(slow);
            slow.send("GET /large?" + kind + " HTTP/1.1\r\nHost: h\r\n\r\n");
            pool.handOff(slower, 2, 2, "GET /large?" + kind + " HTTP/1.0\r\nHost: h\r\n\r\n");
            pool.handOff(next, 3, 3, HELLO);
            next.response();
            assertTrue(pool.hasRest(), "before the next one");
            Map<Long, TestPool.Rest> rests = new HashMap<>();
            for (int i = 0; i < 2; i++) {
                TestPool.Rest rest = pool.nextRest();
                rests.put(rest.where().connection(), rest);
            }
            assertTrue(rests.get(1L).where().keeps());
            assertFalse(rests.get(2L).where().keeps());
            pool.kill();
            checkLarge(slow, begins, rests.get(1L), kind);
            checkLarge(slower, 0, rests.get(2L), kind);
        }
    }

    /** What the kernel has, and what is left: together that is the response. */
    private static void checkLarge(TestPool.Client client, long begins, TestPool.Rest rest, String kind)
            throws Exception {
        long written = written(client);
        byte[] left = rest.from(written);
        rest.file().close();
        assertTrue(left.length > 0, "nothing is left");
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(client.received(written - begins));
        whole.writeBytes(left);
        String text = whole.toString(StandardCharsets.ISO_8859_1);
        String body = text.substring(text.indexOf("\r\n\r\n") + 4);
        if (text.contains("chunked")) {
            StringBuilder joined = new StringBuilder();
            for (int at = 0, size = 1; size > 0; at += size + 2) {
                int end = body.indexOf("\r\n", at);
                size = Integer.parseInt(body.substring(at, end), 16);
                at = end + 2;
                joined.append(body, at, at + size);
            }
            body = joined.toString();
        }
        assertArrayEquals(Large.body(), body.getBytes(StandardCharsets.ISO_8859_1), kind);
    }

    private static long written(TestPool.Client client) throws IOException {
        return TcpCounts.of(new io.netty.channel.unix.Socket(client.descriptor()))
                .written();
    }

    @ParameterizedTest
    @MethodSource("org.handoff.worker.runtime.Jdks#installed")
    void tellsWhatAHandlerIsDoingAndThatItsEventLoopLives(Path jdk) throws Exception {
        addWaiting();
        try (TestPool pool = start(jdk);
                TestPool.Client client = new TestPool.Client();
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
            assertEquals("200 waited", client.response());
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
                try (TestPool.Client client = new TestPool.Client()) {
                    pool.handOff(
                            client,
                            i,
                            i + 1,
                            "POST /hello HTTP/1.1\r\nHost: h\r\nContent-Length: " + (50 << 20) + "\r\n\r\n");
                    // Where nobody reads what it sends, that would never end.
                    CompletableFuture.runAsync(() -> sendOften(client, part)).get(TestPool.SECONDS, TimeUnit.SECONDS);
                    String response = client.response();
                    assertTrue(response.startsWith("413 "), response);
                }
            }
        }
    }

    private static void sendOften(TestPool.Client client, String part) {
        try {
            for (int i = 0; i < 50; i++) {
                client.send(part);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void bySigtermItServesUntilItIsReplaced() throws Exception {
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client();
                TestPool.Client next = new TestPool.Client()) {
            pool.ready();
            pool.handOff(client, 0, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response());
            pool.terminate();
            pool.await(FrameType.LEAVING);
            client.send(HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response(), "a kept connection");
            pool.handOff(next, 1, 2, HELLO);
            assertEquals("200 /hello " + pool.pid(), next.response(), "a new one");
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
                TestPool.Client client = new TestPool.Client();
                TestPool.Client idle = new TestPool.Client();
                ServerSocket gate = gate()) {
            pool.ready();
            pool.handOff(idle, 0, 1, HELLO);
            idle.response();
            pool.handOff(client, 1, 2, waiting(gate));
            try (Socket running = gate.accept()) {
                assertTrue(running.isConnected());
                pool.terminate();
                pool.await(FrameType.LEAVING);
                pool.await(FrameType.SPENT);
                pool.awaitGiveBack(GiveBackReason.REQUESTED, 0, 1, "");
                pool.handOff(idle, 2, 1, HELLO);
                pool.awaitGiveBack(GiveBackReason.REQUESTED, 2, 1, HELLO);
            }
            assertEquals("200 waited", client.response());
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 1, 2, "");
            assertEquals(0, pool.exitStatus());
        }
    }

    @Test
    void bySigtermItEndsInTimeThoughAHandlerHangs() throws Exception {
        addWaiting();
        environment.put("HANDOFF_DRAIN_TIMEOUT", "1");
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client();
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
                TestPool.Client client = new TestPool.Client();
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

    @Test
    void requestsItsWarmUpPathsBeforeItIsReadyAndAFailureIsAWarning() throws Exception {
        // They count nowhere: it is not spent by them, and says nothing before it is ready.
        environment.put("HANDOFF_DISPATCH", "request");
        environment.put("HANDOFF_MAX_REQUESTS", "2");
        generation.addAll(List.of("warmup.1=/hello?first", "warmup.2=/nowhere", "warmup.3=/hello/second"));
        try (TestPool pool = start(JDK);
                TestPool.Client client = new TestPool.Client()) {
            assertEquals("", pool.ready());
            String output = pool.output();
            assertEquals(
                    2,
                    output.lines()
                            .filter(line -> line.contains("INFO " + Hello.class.getName()))
                            .count(),
                    output);
            assertEquals(
                    1, output.lines().filter(line -> line.contains("WARN ")).count(), output);
            assertTrue(output.contains("The warm-up request for /nowhere got no response"), output);
            assertEquals(0, pool.scoreboard().requests());
            assertEquals(0, pool.scoreboard().handling());
            pool.handOff(client, 0, 1, HELLO);
            assertEquals("200 /hello " + pool.pid(), client.response());
        }
    }
}
