package org.handoff.session.store.internal.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.handoff.session.protocol.Answer;
import org.handoff.session.protocol.Frames;
import org.handoff.session.protocol.Request;
import org.handoff.session.store.internal.config.SessionsSettings;
import org.handoff.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreServerTest {

    private static final SessionsSettings SETTINGS = new SessionsSettings(64 << 20, 1 << 20, 1000);
    private static final String ID = "0123456789abcdef";
    private static final Answer DONE = new Answer.Done();
    private static final Answer GONE = new Answer.Gone();

    @TempDir
    Path folder;

    private Path socket;
    private StoreServer server;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("one");
        server = new StoreServer(SETTINGS);
        server.open("one", socket);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        assertFalse(Files.exists(socket));
    }

    private static Request save(String id, String name, byte... value) {
        return new Request.Save(id, true, 0, Set.of(), Map.of(name, value));
    }

    private StoreServer.PoolStatus status() {
        return server.pools().get(0);
    }

    @Test
    void workersShareTheSessionsOfTheirPool() throws Exception {
        try (RawWorker one = RawWorker.greeted(socket);
                RawWorker other = RawWorker.greeted(socket)) {
            assertEquals(GONE, one.ask(new Request.Load(ID)));
            assertEquals(DONE, one.ask(save(ID, "a", (byte) 7)));
            Answer.Session session = assertInstanceOf(Answer.Session.class, other.ask(new Request.Load(ID)));
            assertArrayEquals(new byte[] {7}, session.attributes().get("a"));
            assertEquals(2, status().connections());
            assertEquals(1, status().sessions());
        }
        Await.awaitEquals("no connection", 0, () -> status().connections());
        try (RawWorker next = RawWorker.greeted(socket)) {
            assertInstanceOf(Answer.Session.class, next.ask(new Request.Load(ID)));
        }
    }

    @Test
    void workersOfAnotherPoolHaveOtherSessions() throws Exception {
        server.open("two", folder.resolve("two"));
        try (RawWorker one = RawWorker.greeted(socket);
                RawWorker two = RawWorker.greeted(folder.resolve("two"))) {
            one.ask(save(ID, "a", (byte) 7));
            assertEquals(GONE, two.ask(new Request.Load(ID)));
            two.ask(save(ID, "a", (byte) 8));
            two.ask(new Request.Delete(ID));
            assertInstanceOf(Answer.Session.class, one.ask(new Request.Load(ID)));
        }
    }

    @Test
    void sessionsStayWhileThePoolIsAway() throws Exception {
        try (RawWorker worker = RawWorker.greeted(socket)) {
            worker.ask(save(ID, "a"));
            server.close("one", socket);
            assertThrows(IOException.class, () -> new RawWorker(socket));
            // It finishes its requests.
            assertEquals(DONE, worker.ask(save(ID, "b")));
            server.open("one", socket);
            assertEquals(DONE, worker.ask(save(ID, "c")));
        }
        try (RawWorker worker = RawWorker.greeted(socket)) {
            Answer.Session session = assertInstanceOf(Answer.Session.class, worker.ask(new Request.Load(ID)));
            assertEquals(Set.of("a", "b", "c"), session.attributes().keySet());
        }
    }

    @Test
    void goesOnTryingToOpenASocket() throws Exception {
        Path later = folder.resolve("later");
        server.open("later", later.resolve("socket"));
        assertTrue(status().problem().contains("later"), status().problem());
        Files.createDirectory(later);
        Await.awaitEquals("no problem", "", () -> status().problem());
        RawWorker.greeted(later.resolve("socket")).close();
        server.close("later", later.resolve("socket"));
    }

    @Test
    void takesThePlaceOfASocketThatADeadStoreHasLeft() throws Exception {
        server.close();
        Files.createFile(socket);
        server = new StoreServer(SETTINGS);
        server.open("one", socket);
        RawWorker.greeted(socket).close();
    }

    /** Each value is whole, whatever the instant at which the process dies. */
    @Test
    void killedWorkerLeavesTheSessionAsItWasOrAsItIsToBe() throws Exception {
        int acknowledged = -1;
        for (int i = 0; i < 4; i++) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Saver.class.getName(),
                            socket.toString(),
                            ID,
                            Integer.toString(acknowledged + 1))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader printed = process.inputReader()) {
                for (int j = 0; j < 20 + 7 * i; j++) {
                    acknowledged = Integer.parseInt(printed.readLine());
                }
                // By its handle, so that what it has printed can be read.
                process.toHandle().destroyForcibly();
                // What it has printed before its death was acknowledged too.
                for (String line = printed.readLine(); line != null; line = printed.readLine()) {
                    acknowledged = Math.max(acknowledged, line.isEmpty() ? 0 : Integer.parseInt(line));
                }
            } finally {
                process.destroyForcibly().waitFor();
            }
            Await.awaitEquals("no connection", 0, () -> status().connections());
            try (RawWorker worker = RawWorker.greeted(socket)) {
                Answer.Session session = assertInstanceOf(Answer.Session.class, worker.ask(new Request.Load(ID)));
                ByteBuffer a = ByteBuffer.wrap(session.attributes().get("a"));
                assertArrayEquals(a.array(), session.attributes().get("b"));
                assertEquals(a.getInt(0), a.getInt(a.limit() - Integer.BYTES));
                assertTrue(
                        a.getInt(0) == acknowledged || a.getInt(0) == acknowledged + 1,
                        a.getInt(0) + " after " + acknowledged);
                acknowledged = a.getInt(0);
            }
        }
    }

    @Test
    void partOfARequestChangesNothing() throws Exception {
        try (RawWorker worker = RawWorker.greeted(socket)) {
            worker.ask(save(ID, "a", (byte) 1));
            ByteBuffer frame = Frames.encode(save(ID, "a", (byte) 2));
            worker.send(frame.slice(0, frame.limit() - 1));
        }
        Await.awaitEquals("no connection", 0, () -> status().connections());
        try (RawWorker worker = RawWorker.greeted(socket)) {
            Answer.Session session = (Answer.Session) worker.ask(new Request.Load(ID));
            assertArrayEquals(new byte[] {1}, session.attributes().get("a"));
        }
    }

    @Test
    void manyWorkersChangeOneSessionAtTheSameTime() throws Exception {
        int workers = 8;
        int times = 300;
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                String name = "a" + i;
                Callable<Void> changes = () -> {
                    try (RawWorker worker = RawWorker.greeted(socket)) {
                        for (int j = 0; j < times; j++) {
                            assertEquals(DONE, worker.ask(save(ID, name, (byte) j)));
                            Answer.Session now = (Answer.Session) worker.ask(new Request.Load(ID));
                            assertArrayEquals(
                                    new byte[] {(byte) j}, now.attributes().get(name));
                        }
                    }
                    return null;
                };
                all.add(threads.submit(changes));
            }
            for (Future<?> one : all) {
                one.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertEquals(Frames.OF_SESSION + workers * (Frames.OF_ATTRIBUTE + 3L), status().bytes());
    }

    // ---- hostile workers

    @Test
    void refusesAnotherVersionAndSaysWhich() throws Exception {
        try (RawWorker worker = new RawWorker(socket)) {
            Answer.Refused refused = assertInstanceOf(Answer.Refused.class, worker.ask(new Request.Hello(9)));
            assertTrue(refused.reason().contains("version 9"), refused.reason());
            assertThrows(IOException.class, worker::receive);
        }
    }

    @Test
    void refusesWhatIsNoRequest() throws Exception {
        List<ByteBuffer> wrong = List.of(
                Frames.encode(new Request.Load(ID)),
                ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes()),
                ByteBuffer.wrap(new byte[] {0, 0, 0, 0}),
                ByteBuffer.wrap(new byte[] {0, 0, 0, 1, 99}),
                Frames.encode(new Answer.Done()));
        for (ByteBuffer bytes : wrong) {
            try (RawWorker worker = new RawWorker(socket)) {
                worker.send(bytes);
                assertInstanceOf(Answer.Refused.class, worker.receive());
                assertThrows(IOException.class, worker::receive);
            }
        }
        serves();
    }

    @Test
    void refusesRequestsBeforeTheAnswer() throws Exception {
        try (RawWorker worker = RawWorker.greeted(socket)) {
            ByteBuffer two = ByteBuffer.allocate(1000);
            two.put(Frames.encode(new Request.Load(ID))).put(Frames.encode(new Request.Load(ID)));
            worker.send(two.flip());
            assertInstanceOf(Answer.Refused.class, worker.receive());
        }
        serves();
    }

    @Test
    void garbageEndsItsConnectionAlone() throws Exception {
        Random random = new Random(1);
        try (RawWorker honest = RawWorker.greeted(socket)) {
            for (int i = 0; i < 300; i++) {
                byte[] garbage = new byte[1 + random.nextInt(2000)];
                random.nextBytes(garbage);
                if (random.nextBoolean()) {
                    garbage[0] = 0;
                }
                try (RawWorker worker = random.nextBoolean() ? RawWorker.greeted(socket) : new RawWorker(socket)) {
                    worker.send(ByteBuffer.wrap(garbage));
                } catch (IOException e) {
                    // It was closed while it was still sending.
                }
                assertEquals(DONE, honest.ask(save(ID, "a", (byte) i)));
            }
        }
        Await.awaitEquals("no connection", 0, () -> status().connections());
    }

    /** Announced bytes cost nothing, and sent ones are bounded for all workers of the pool together. */
    @Test
    void halfRequestsHoldLittleMemoryAndNobodyElse() throws Exception {
        List<RawWorker> hostile = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                RawWorker worker = RawWorker.greeted(socket);
                hostile.add(worker);
                ByteBuffer frame = Frames.encode(save("h" + i, "a", new byte[1_000_000]));
                worker.send(frame.limit(frame.limit() - 1));
                serves();
            }
            assertTrue(status().onTheWay() <= 4L * Frames.most(1 << 20), status().toString());
            Await.await("few connections", () -> status().connections() < 12);
        } finally {
            for (RawWorker worker : hostile) {
                worker.close();
            }
        }
        Await.awaitEquals("no connection", 0, () -> status().connections());
        assertEquals(1, status().sessions());
    }

    @Test
    void workersThatTakeNoAnswersHoldNobodyUp() throws Exception {
        List<RawWorker> hostile = new ArrayList<>();
        try {
            serves();
            try (RawWorker worker = RawWorker.greeted(socket)) {
                worker.ask(save(ID, "large", new byte[1_000_000]));
            }
            for (int i = 0; i < 40; i++) {
                RawWorker worker = RawWorker.greeted(socket);
                hostile.add(worker);
                worker.send(Frames.encode(new Request.Load(ID)));
                serves();
            }
            assertTrue(status().onTheWay() <= 4L * Frames.most(1 << 20), status().toString());
            Await.await("few connections", () -> status().connections() < 12);
        } finally {
            for (RawWorker worker : hostile) {
                worker.close();
            }
        }
    }

    @Test
    void connectionsOfAPoolAreBounded() throws Exception {
        List<RawWorker> hostile = new ArrayList<>();
        try {
            server.open("two", folder.resolve("two"));
            for (int i = 0; i < 500; i++) {
                hostile.add(RawWorker.greeted(socket));
            }
            try (RawWorker one = new RawWorker(socket)) {
                assertThrows(IOException.class, () -> one.ask(new Request.Hello(1)));
            }
            RawWorker.greeted(folder.resolve("two")).close();
            hostile.remove(0).close();
            Await.await("room for another", () -> {
                RawWorker.greeted(socket).close();
                return true;
            });
        } finally {
            for (RawWorker worker : hostile) {
                worker.close();
            }
        }
    }

    @Test
    void sessionsThatGoForOthersAreCounted() throws Exception {
        server.settings(new SessionsSettings(8 << 10, 2 << 10, 1000));
        try (RawWorker worker = RawWorker.greeted(socket)) {
            for (int i = 0; i < 20; i++) {
                assertEquals(DONE, worker.ask(save("s" + i, "a", new byte[1000])));
            }
            assertInstanceOf(Answer.TooLarge.class, worker.ask(save(ID, "a", new byte[2 << 10])));
        }
        assertTrue(status().bytes() <= 8 << 10);
        assertEquals(20, status().sessions() + status().dropped());
        assertEquals(status().sessions(), server.sessions("one", 100).size());
        assertEquals(List.of(), server.sessions("no such pool", 100));
    }

    @Test
    void refusesManyNamesInOneRequest() throws Exception {
        Set<String> names = IntStream.range(0, 10_000).mapToObj(i -> "n" + i).collect(Collectors.toSet());
        try (RawWorker worker = RawWorker.greeted(socket)) {
            Answer.Refused refused =
                    assertInstanceOf(Answer.Refused.class, worker.ask(new Request.Save(ID, true, 0, names, Map.of())));
            assertEquals("10000 attributes; 8192 is the most", refused.reason());
        }
        serves();
    }

    /** A worker connects again when it asks the next time. */
    @Test
    void changedBoundReachesWorkersThatAreConnected() throws Exception {
        try (RawWorker worker = RawWorker.greeted(socket)) {
            server.settings(new SessionsSettings(64 << 20, 1 << 20, 10));
            assertEquals(DONE, worker.ask(save(ID, "a")));
            server.settings(new SessionsSettings(64 << 20, 2 << 20, 10));
            assertThrows(IOException.class, worker::receive);
        }
        try (RawWorker worker = RawWorker.greeted(socket)) {
            assertEquals(DONE, worker.ask(save(ID, "a", new byte[1_500_000])));
        }
    }

    private void serves() throws IOException {
        try (RawWorker worker = RawWorker.greeted(socket)) {
            assertEquals(DONE, worker.ask(save(ID, "a", (byte) 1)));
            assertInstanceOf(Answer.Session.class, worker.ask(new Request.Load(ID)));
        }
    }
}
