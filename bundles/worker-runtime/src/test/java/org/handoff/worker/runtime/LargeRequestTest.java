package org.handoff.worker.runtime;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.handoff.socket.TcpCounts;
import org.handoff.testkit.Await;
import org.handoff.testkit.Jdks;
import org.handoff.testkit.TestBundle;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.FrameType;
import org.handoff.worker.protocol.GiveBackReason;
import org.handoff.worker.protocol.MonitorScoreboard;
import org.handoff.worker.protocol.Scoreboard;
import org.handoff.worker.protocol.SlotState;
import org.handoff.worker.runtime.bundles.Sum;
import org.handoff.worker.runtime.bundles.Waiting;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that a slot's journal has no room for, in real worker processes: they are never theirs alone. */
@Timeout(300)
class LargeRequestTest {

    @TempDir
    Path directory;

    private final Map<String, String> environment = new HashMap<>(Map.of("HANDOFF_DISPATCH", "connection"));
    private final List<String> generation = new ArrayList<>(List.of("generation=1"));
    private int pools;

    @BeforeEach
    void bundles() throws IOException {
        generation.addAll(List.of(
                "bundle.1="
                        + new TestBundle("sum").component(Sum.class, "/sum", "").write(directory),
                "handler.1.bundle=1",
                "handler.1.context.1=/sum",
                "handler.1.component=" + Sum.class.getName(),
                "bundle.2="
                        + new TestBundle("waiting")
                                .component(Waiting.class, "/waiting", "")
                                .write(directory),
                "handler.2.bundle=2",
                "handler.2.context.1=/waiting",
                "handler.2.component=" + Waiting.class.getName()));
    }

    private TestPool start() throws Exception {
        Path own = Files.createDirectory(directory.resolve("pool-" + ++pools));
        Path file = own.resolve("generation.properties");
        Files.write(file, generation);
        TestPool pool = new TestPool(Jdks.OURS, own, file, "1", environment);
        pool.ready();
        return pool;
    }

    /** A request, and what is answered. */
    private record Large(String wire, String answer) {

        static Large of(int length, boolean chunked) {
            Random random = new Random(length);
            String body = random.ints(length, 'a', 'z' + 1)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            String head = "POST /sum HTTP/1.1\r\nHost: localhost\r\n";
            String answer = "200 " + Sum.of(body.getBytes(US_ASCII));
            if (!chunked) {
                return new Large(head + "Content-Length: " + length + "\r\n\r\n" + body, answer);
            }
            StringBuilder wire = new StringBuilder(head).append("Transfer-Encoding: chunked\r\n\r\n");
            for (int at = 0; at < length; ) {
                int count = Math.min(length - at, 1 + random.nextInt(5000));
                wire.append(Integer.toHexString(count))
                        .append("\r\n")
                        .append(body, at, at + count)
                        .append("\r\n");
                at += count;
            }
            return new Large(wire.append("0\r\n\r\n").toString(), answer);
        }
    }

    @ParameterizedTest
    @CsvSource({"20000,false", "70000,true", "400000,false", "3000000,true"})
    void isGivenBackAsItCameWhereverItIsCutAndGoesOnElsewhere(int length, boolean chunked) throws Exception {
        Large large = Large.of(length, chunked);
        try (TestPool pool = start();
                MonitoredClient client = new MonitoredClient()) {
            int slot = 0;
            long before = 0;
            for (int cut : new int[] {18_000, length * 2 / 3, length}) {
                int sent = Math.min(cut, large.wire().length() - 10);
                pool.handOff(client, ++slot, 7, before, "");
                client.send(large.wire().substring(0, sent));
                awaitRead(client, before + sent);
                pool.send(FrameType.OFF);
                TestPool.Received back = pool.next();
                boolean inFile = sent > Scoreboard.JOURNAL_BYTES;
                assertEquals(GiveBackReason.REQUESTED, back.reason(), pool::output);
                assertEquals(inFile, back.inFile(), pool::output);
                assertEquals(before + sent, back.position());
                assertEquals(large.wire().substring(0, sent), back.text());
                pool.send(FrameType.ON);
                if (inFile) {
                    // What the next one is handed with the frame has room in its journal, or not.
                    pool.handOffWithFile(client, ++slot, back, cut == length ? Math.min(length / 2, 60_000) : 0);
                } else {
                    pool.handOff(client, ++slot, 7, back.position(), back.text());
                }
                client.send(large.wire().substring(sent));
                assertEquals(large.answer(), client.statusAndBody(), pool::output);
                pool.send(FrameType.OFF);
                pool.awaitGiveBack(GiveBackReason.REQUESTED, slot, 7, "");
                pool.send(FrameType.ON);
                before += large.wire().length();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1000000,false", "1000000,true"})
    void isThereWholeWhenItsWorkerIsKilledAtAnyInstant(int length, boolean chunked) throws Exception {
        Large large = Large.of(length, chunked);
        String wire = large.wire().repeat(4);
        long seed = System.nanoTime();
        System.out.println("killed at random, seed " + seed);
        Random random = new Random(seed);
        int inFile = 0;
        for (int i = 0; i < 5; i++) {
            try (TestPool pool = start();
                    MonitoredClient client = new MonitoredClient()) {
                pool.handOff(client, 1, 1, "");
                Thread sender = new Thread(() -> {
                    try {
                        client.send(wire);
                    } catch (IOException e) {
                        // The test is over.
                    }
                });
                sender.start();
                long enough = random.nextInt(3 * large.wire().length());
                await("some of the requests", () -> TcpCounts.read(socket(client)) > enough);
                pool.kill();
                MonitorScoreboard.Told told = pool.scoreboard().told(1);
                long read = TcpCounts.read(socket(client));
                // What no handler was called for, for sure.
                long from = told.state() == SlotState.READING || told.state() == SlotState.IDLE
                        ? told.request()
                        : told.next();
                long first = Math.min(Math.max(told.first(), from), read);
                ByteBuffer journal = pool.scoreboard().journal(1, first - told.first(), read - first);
                String there = (first > from ? pool.overflown(1, from, first) : "") + US_ASCII.decode(journal);
                assertEquals(wire.substring((int) from, (int) read), there, told::toString);
                inFile += first > from ? 1 : 0;
            }
        }
        assertTrue(inFile > 0, "at least one of them was in a file");
    }

    @Test
    void thatIsCompleteAtABusyWorkerIsGivenAway() throws Exception {
        environment.put("HANDOFF_DISPATCH", "adaptive");
        Large large = Large.of(1_000_000, false);
        try (TestPool pool = start();
                MonitoredClient client = new MonitoredClient();
                MonitoredClient slow = new MonitoredClient();
                ServerSocket gate = gate()) {
            pool.handOff(client, 1, 1, "");
            client.send(large.wire().substring(0, 900_000));
            awaitRead(client, 900_000);
            pool.handOff(slow, 2, 2, "GET /waiting?" + gate.getLocalPort() + " HTTP/1.1\r\nHost: h\r\n\r\n");
            try (Socket running = gate.accept()) {
                assertTrue(running.isConnected());
                pool.await(FrameType.SLOW);
                client.send(large.wire().substring(900_000));
                TestPool.Received back = pool.next();
                assertEquals(GiveBackReason.DISPATCH, back.reason(), pool::output);
                assertTrue(back.inFile(), pool::output);
                assertEquals(large.wire(), back.text());
            }
            assertEquals("200 waited", slow.statusAndBody());
        }
    }

    @Test
    void isNotBegunByAWorkerThatHasHadItsRequests() throws Exception {
        environment.put("HANDOFF_MAX_REQUESTS", "2");
        Large large = Large.of(200_000, false);
        Large small = Large.of(100, false);
        try (TestPool pool = start();
                MonitoredClient first = new MonitoredClient();
                MonitoredClient second = new MonitoredClient()) {
            pool.handOff(first, 1, 1, large.wire().substring(0, 70_000));
            pool.handOff(second, 2, 2, small.wire() + small.wire());
            assertEquals(small.answer(), second.statusAndBody());
            assertEquals(small.answer(), second.statusAndBody());
            pool.await(FrameType.QUOTA_REACHED);
            // Nothing was read behind what the monitor has read itself: that comes back.
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 1, 1, large.wire().substring(0, 70_000));
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 2, 2, "");
            assertEquals(2, pool.scoreboard().requests());
        }
    }

    @Test
    void leavesNoDescriptorWithItsWorkerAndNoContentInItsFile() throws Exception {
        Large large = Large.of(3_000_000, true);
        try (TestPool pool = start();
                MonitoredClient warm = new MonitoredClient()) {
            long nameless = pool.nameless();
            pool.handOff(warm, 100, 100, "");
            warm.send(large.wire());
            assertEquals(large.answer(), warm.statusAndBody(), pool::output);
            // The handler's thread closes the body behind the response.
            await("its file to be closed", () -> pool.nameless() <= nameless);
            int before = pool.descriptors();
            for (int i = 1; i <= 10; i++) {
                try (MonitoredClient client = new MonitoredClient()) {
                    pool.handOff(client, i, i, "");
                    for (int j = 0; j < 3; j++) {
                        client.send(large.wire());
                        assertEquals(large.answer(), client.statusAndBody(), pool::output);
                    }
                }
            }
            await("its descriptors to be closed", () -> pool.descriptors() <= before);
            assertEquals(0, pool.overflowBytes());
        }
    }

    @Test
    void thatComeCloseBehindEachOtherDoNotMakeTheFileLongerAndLonger() throws Exception {
        Large large = Large.of(100_000, false);
        int times = 100;
        try (TestPool pool = start();
                MonitoredClient client = new MonitoredClient()) {
            pool.handOff(client, 1, 1, "");
            Thread sender = new Thread(() -> {
                try {
                    for (int i = 0; i < times; i++) {
                        client.send(large.wire());
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            sender.start();
            long most = 0;
            for (int i = 0; i < times; i++) {
                assertEquals(large.answer(), client.statusAndBody(), pool::output);
                most = Math.max(most, pool.overflowBytes());
            }
            sender.join();
            assertTrue(most < 3_000_000, "the file had " + most + " bytes");
        }
    }

    @Test
    void isAnsweredThoughThereIsNoDescriptorForItsFile() throws Exception {
        Large large = Large.of(50_000, false);
        try (TestPool pool = start();
                MonitoredClient client = new MonitoredClient()) {
            loadClasses(pool);
            pool.handOff(client, 1, 1, "");
            client.send(large.wire().substring(0, 10));
            awaitRead(client, 10);
            pool.limitDescriptors(0);
            client.send(large.wire().substring(10));
            assertEquals(large.answer(), client.statusAndBody(), pool::output);
            assertTrue(pool.output().contains("there is no file for it"), pool::output);
            pool.limitDescriptors(100);
            client.send(large.wire());
            assertEquals(large.answer(), client.statusAndBody(), pool::output);
        }
    }

    @Test
    void isAnsweredHereWhereTheMonitorHasNotGotItsFile() throws Exception {
        Large large = Large.of(200_000, false);
        try (TestPool pool = start();
                MonitoredClient client = new MonitoredClient()) {
            pool.handOff(client, 1, 1, "");
            client.send(large.wire().substring(0, 100_000));
            awaitRead(client, 100_000);
            pool.sendNoFile(1, 1);
            pool.send(FrameType.OFF);
            // It has come to this one when it answers.
            pool.send(FrameType.PING);
            pool.await(FrameType.PONG);
            assertEquals(Frame.UNKNOWN, pool.scoreboard().told(1).first());
            client.send(large.wire().substring(100_000));
            assertEquals(large.answer(), client.statusAndBody(), pool::output);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 1, 1, "");
        }
    }

    @Test
    void whoseFileDoesNotArriveIsNotTaken() throws Exception {
        Large large = Large.of(300_000, false);
        try (TestPool pool = start();
                MonitoredClient client = new MonitoredClient()) {
            loadClasses(pool);
            pool.handOff(client, 1, 1, "");
            client.send(large.wire().substring(0, 200_000));
            awaitRead(client, 200_000);
            pool.send(FrameType.OFF);
            TestPool.Received back = pool.next();
            pool.send(FrameType.ON);
            pool.limitDescriptors(0);
            pool.handOffWithFile(client, 2, back, 0);
            pool.awaitGiveBack(GiveBackReason.NOT_TAKEN, 2, 1, "");
            pool.limitDescriptors(1);
            // Room for one of the two.
            pool.handOffWithFile(client, 2, back, 0);
            pool.awaitGiveBack(GiveBackReason.NOT_TAKEN, 2, 1, "");
            pool.limitDescriptors(100);
            // The file is the one that did not arrive.
            pool.handOffWithoutFile(client, 2, back, ByteBuffer.allocate(0));
            pool.awaitGiveBack(GiveBackReason.NOT_TAKEN, 2, 1, "");
            pool.handOffWithFile(client, 2, back, 0);
            client.send(large.wire().substring(200_000));
            assertEquals(large.answer(), client.statusAndBody(), pool::output);
        }
    }

    /** Has everything done once: the tests' classes are in folders, from which none is loaded without a descriptor. */
    private static void loadClasses(TestPool pool) throws Exception {
        long before = pool.nameless();
        Large large = Large.of(100_000, false);
        try (MonitoredClient client = new MonitoredClient()) {
            pool.handOff(client, 99, 99, "");
            client.send(large.wire().substring(0, 90_000));
            awaitRead(client, 90_000);
            pool.send(FrameType.OFF);
            TestPool.Received back = pool.next();
            pool.send(FrameType.ON);
            pool.handOffWithFile(client, 99, back, 0);
            client.send(large.wire().substring(90_000));
            assertEquals(large.answer(), client.statusAndBody(), pool::output);
            pool.send(FrameType.OFF);
            pool.awaitGiveBack(GiveBackReason.REQUESTED, 99, 99, "");
            pool.send(FrameType.ON);
        }
        // The handler's thread closes the body behind the response: its number would be free for another file.
        await("its file to be closed", () -> pool.nameless() <= before);
    }

    private static ServerSocket gate() throws IOException {
        ServerSocket gate = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        gate.setSoTimeout((int) Await.DEADLINE.toMillis());
        return gate;
    }

    private static io.netty.channel.unix.Socket socket(MonitoredClient client) {
        return new io.netty.channel.unix.Socket(client.descriptor());
    }

    private static void awaitRead(MonitoredClient client, long bytes) throws Exception {
        await(bytes + " bytes to be read", () -> TcpCounts.read(socket(client)) == bytes);
    }
}
