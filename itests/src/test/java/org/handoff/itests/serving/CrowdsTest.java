package org.handoff.itests.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.replaceConfigurationFile;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.handoff.itests.handlers.chatter.Chatter;
import org.handoff.itests.handlers.large.Large;
import org.handoff.itests.handlers.nested.Nested;
import org.handoff.itests.handlers.noise.Noise;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Processes;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Clients;
import org.handoff.itests.load.Load;
import org.handoff.itests.lrwp.LrwpPeer;
import org.handoff.testkit.Ports;
import org.handoff.testkit.Signals;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Crowds of clients that each keep within their limits, at a Karaf with a heap of 512 MiB and workers with 64 MiB each:
 * nobody else notices, and no process ends. The numbers once ended the monitor or one worker after the other. Under the
 * profile {@code long} only; in {@code ./test} the tests of the bundles show the same with smaller heaps and crowds.
 */
class CrowdsTest {

    private static final String MONITOR = "org.handoff.monitor.cfg";
    private static final String AGENT = "org.handoff.lrwp.cfg";
    private static final String SECOND = "org.handoff.pool-second.cfg";

    private static final int OTHERS = 8;
    private static final long OTHER_REQUESTS = 500;
    private static final Duration UPLOADING = Duration.ofSeconds(20);
    private static final Duration STANDSTILL = Duration.ofSeconds(3);
    private static final int HEADS = 9000;
    /** A head that one connection may have. */
    private static final int WITHIN = 30_000;

    private static final int BODIES = 3000;
    /** As many as 20,000 descriptors in Karaf are enough for: each takes three while its body is in a file. */
    private static final int BODIES_FOR_A_PEER = 6000;

    private static final int READERS = 60;
    private static final int RESPONSE = 3_000_000;
    private static final int LITTLE = 4096;
    private static final int LINES = 20_000_000 / (Chatter.LINE.length() + 1);
    private static final Pattern DROPPED = Pattern.compile(" (\\d+) lines of \\d+ bytes are dropped");
    /** Half of what they once took. */
    private static final long MOST_MILLIS = 7500;

    private static final long MOST_KIB = 85 * 1024;
    /** Written to {@code /proc/PID/clear_refs}. */
    private static final String FORGET_PEAK = "5";
    /** What the system counts for programs is hundredths of a second. */
    private static final long MILLIS_OF_A_TICK = 10;

    @TempDir
    static Path folder;

    private static Karaf karaf;
    private static Workers workers;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Runs.areLong(), "with -Plong only");
        int port = Ports.free();
        Path heap = Files.writeString(folder.resolve("setenv"), "export EXTRA_JAVA_OPTS=-Xmx512m\n");
        karaf = Karaf.start(
                OurKaraf.archive("crowds-karaf"),
                port,
                editConfigurationFilePut("etc/" + MONITOR, "address", "127.0.0.1"),
                editConfigurationFilePut("etc/" + MONITOR, "port", Integer.toString(port)),
                replaceConfigurationFile("bin/setenv", heap.toFile()));
        workers = new Workers(karaf);
        for (String example : List.of("hello.jar", "digest.jar")) {
            karaf.deploy(Karaf.UNDER_TEST.resolve(example), example);
        }
        karaf.awaitStatus(200, "/hello");
        karaf.awaitStatus(200, "/digest?bytes=1");
        karaf.deploy(
                HandlerBundle.build(
                        "test.large",
                        Large.class,
                        "Private-Package",
                        Large.class.getPackageName() + "," + Noise.class.getPackageName()),
                "large.jar");
        // Without a folder for its notes it fails.
        karaf.awaitStatus(500, "/large");
        karaf.deployAndAwait(HandlerBundle.build("test.chatter", Chatter.class), "chatter.jar", "/chatter?0");
        workers.awaitOn(2);
    }

    @AfterAll
    static void stop() throws IOException {
        if (karaf != null) {
            karaf.close();
        }
    }

    /** Kept connections that upload in turn, while Karaf stands still for a while. */
    @ParameterizedTest(name = "{0} connections, {1} bytes each")
    @CsvSource({"100, 100000", "200, 20000", "400, 100000"})
    void noUploadIsCut(int connections, int bytes) throws Exception {
        String request =
                "POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + bytes + "\r\n\r\n" + "x".repeat(bytes);
        Queue<String> lost = new ConcurrentLinkedQueue<>();
        AtomicLong answered = new AtomicLong();
        long end = System.nanoTime() + UPLOADING.toNanos();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            Thread client = new Thread(
                    () -> {
                        try (Http http = new Http(karaf.httpPort())) {
                            while (System.nanoTime() - end < 0) {
                                http.send(request);
                                Http.Answer answer = http.receive();
                                assertEquals(200, answer.status());
                                assertTrue(answer.text().endsWith(" " + bytes + "\n"), answer.text());
                                answered.incrementAndGet();
                            }
                        } catch (IOException | AssertionError e) {
                            lost.add(Thread.currentThread().getName() + ": " + e);
                        }
                    },
                    "upload-" + i);
            clients.add(client);
            client.start();
        }
        karaf.await("uploads", () -> answered.get() > connections);
        Signals.send(karaf.pid(), "STOP");
        LockSupport.parkNanos(STANDSTILL.toNanos());
        Signals.send(karaf.pid(), "CONT");
        Clients.join(clients, client -> lost.add(client + " still waits for a response"));
        System.out.println(connections + " kept connections, uploads of " + bytes + " bytes: " + answered
                + " answered, " + lost.size() + " lost");
        assertEquals(List.of(), List.copyOf(lost));
    }

    /** Heads without an end at the monitor, within and beyond what one connection may have. */
    @ParameterizedTest
    @ValueSource(ints = {WITHIN, 62_000})
    void unfinishedHeadsLeaveTheMonitorAlive(int bytes) throws Exception {
        karaf.write(SECOND, "workers = 1\n");
        try {
            // Where one pool has all contexts, the monitor hands connections over unread.
            karaf.deployAndAwait(HandlerBundle.build("test.nested", Nested.class), "nested.jar", "/echo/nested");
            workers.awaitOn(3);
            crowd(
                    HEADS,
                    "GET /hello HTTP/1.1\r\nHost: localhost\r\n"
                            + ("X: " + "x".repeat(995) + "\r\n").repeat(bytes / 1000),
                    0,
                    "/hello");
            String status = karaf.shell("monitor:status");
            assertTrue(status.matches("(?s).*started anew after an error\\W+0\\W.*"), status);
            System.out.println(status);
            if (bytes == WITHIN) {
                karaf.await(
                        "the number of those that were ended, in the log",
                        () -> karaf.log().stream()
                                .anyMatch(
                                        line -> line.contains("connections were ended or refused for lack of memory")));
            }
        } finally {
            karaf.undeployAndAwait("nested.jar", "/echo/nested");
            karaf.delete(SECOND);
            workers.awaitOn(2);
        }
    }

    @Test
    void unfinishedBodiesKillNoWorker() throws Exception {
        crowd(BODIES, unfinishedBody("/digest"), 0, "/digest?bytes=1");
    }

    private static String unfinishedBody(String path) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65000\r\n\r\n" + "x".repeat(60_000);
    }

    @Test
    void responsesThatNobodyReadsKillNoWorker() throws Exception {
        crowd(
                READERS,
                "GET /large?idle,whole," + RESPONSE + " HTTP/1.1\r\nHost: localhost\r\nX-Folder: " + folder
                        + "\r\n\r\n",
                LITTLE,
                "/hello");
    }

    /** Beside them the peer answers who sends a whole request. */
    @Test
    void unfinishedBodiesForAPeerLeaveTheAgentAlive() throws Exception {
        int peerPort = Ports.free();
        karaf.install("handoff-lrwp");
        karaf.await("the agent's configuration", () -> Files.exists(karaf.file("etc/" + AGENT)));
        karaf.configure(AGENT, "port", Integer.toString(peerPort));
        karaf.awaitPrinted("lrwp:peers", "listening on 127.0.0.1:" + peerPort);
        try (LrwpPeer peer = new LrwpPeer(peerPort, "app")) {
            karaf.awaitStatus(200, "/app");
            crowd(BODIES_FOR_A_PEER, unfinishedBody("/app"), 0, "/app");
            assertEquals("" + peer.pid(), karaf.get("/app?pid").text(), "the same peer");
        } finally {
            karaf.shell("feature:uninstall handoff-lrwp");
        }
    }

    /** 20 MB of short lines once took Karaf 15 s of a processor and 170 MB of memory. */
    @Test
    void whatAHandlerPrintsIsCountedAndCostsKarafLittle() throws Exception {
        int before = karaf.log().size();
        long millis = karafMillis();
        Files.writeString(Path.of("/proc", Long.toString(karaf.pid()), "clear_refs"), FORGET_PEAK);
        long kib = Processes.residentKib(karaf.pid());
        assertEquals("said", karaf.get("/chatter?" + LINES).text());
        karaf.await("all lines in the log, or counted there", () -> told(karaf.logSince(before)) == LINES);
        long took = karafMillis() - millis;
        long more = Long.parseLong(Processes.status(karaf.pid()).get("VmHWM").replaceAll("\\D", "")) - kib;
        System.out.println(LINES + " lines of a handler took " + took + " ms of processor time in Karaf, and " + more
                + " KiB of memory at most");
        assertTrue(took < MOST_MILLIS, took + " ms");
        assertTrue(more < MOST_KIB, more + " KiB");
    }

    private static long karafMillis() throws IOException {
        long ticks = Long.parseLong(Processes.stat(karaf.pid(), Processes.USER_TIME))
                + Long.parseLong(Processes.stat(karaf.pid(), Processes.SYSTEM_TIME));
        return ticks * MILLIS_OF_A_TICK;
    }

    private static long told(List<String> log) {
        long lines = log.stream().filter(line -> line.endsWith(Chatter.LINE)).count();
        return lines
                + log.stream()
                        .map(DROPPED::matcher)
                        .filter(Matcher::find)
                        .mapToLong(count -> Long.parseLong(count.group(1)))
                        .sum();
    }

    /**
     * Clients that send this, and neither end nor read, beside others that ask on connections that they never open again.
     *
     * @param receiveBuffer what the system keeps for each that it does not read; 0 for the usual
     * @param path is answered beside them, on a new connection
     */
    private static void crowd(int clients, String sent, int receiveBuffer, String path) throws Exception {
        karaf.awaitConnections(0);
        Set<Long> before = workers.pids();
        long monitor = karaf.pid();
        byte[] bytes = sent.getBytes(StandardCharsets.ISO_8859_1);
        List<Socket> crowd = new ArrayList<>();
        int refused = 0;
        try (Load others = new Load(karaf.httpPort(), OTHERS)) {
            karaf.await("others", () -> others.answered() > OTHERS);
            for (int i = 0; i < clients; i++) {
                Socket socket = new Socket();
                crowd.add(socket);
                if (receiveBuffer > 0) {
                    socket.setReceiveBufferSize(receiveBuffer);
                }
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), karaf.httpPort()));
                try {
                    socket.getOutputStream().write(bytes);
                } catch (IOException e) {
                    // It was answered and ended before it had sent everything.
                    refused++;
                }
            }
            long then = others.answered();
            karaf.await("others beside the crowd", () -> others.answered() > then + OTHER_REQUESTS);
            assertEquals(200, karaf.get(path).status());
            others.close();
            System.out.println(clients + " clients that have sent " + bytes.length + " bytes each, " + refused
                    + " of them not to the end; " + others.answered() + " requests of others answered, "
                    + others.failures().size() + " failed");
            assertEquals(List.of(), others.failures());
        } finally {
            for (Socket socket : crowd) {
                socket.close();
            }
        }
        assertEquals(before, workers.pids(), "the same workers");
        assertEquals(monitor, karaf.pid(), "the same Karaf");
        assertTrue(karaf.log().stream().noneMatch(line -> line.contains("OutOfMemoryError")), "memory");
    }
}
