package org.handoff.itests.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import org.handoff.itests.handlers.large.Large;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.load.LargeLoad;
import org.handoff.itests.load.LargeResponses;
import org.handoff.itests.load.LargeResponses.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Responses of any size whose handlers have returned arrive, whoever is killed. */
@ExtendWith(OurKaraf.class)
class LargeResponsesTest {

    private static final int MIB = 1 << 20;
    private static final int CLIENTS = 16;
    private static final int WORKERS = 3;
    private static final Duration LASTING = Runs.lasting(Duration.ofSeconds(10));
    private static final long LEAST_PAUSE_MILLIS = 700;
    private static final int MORE_PAUSE_MILLIS = 1300;
    /** For each 64 KiB that a slow client reads. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** A slow client's request. @param keeps whether its connection goes on behind the response */
    private record Asked(String name, Kind kind, int bytes, String version, String field, boolean keeps, Http http) {}

    @TempDir
    Path folder;

    private final Karaf karaf;

    LargeResponsesTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @BeforeEach
    void deploy() throws Exception {
        Path large = HandlerBundle.build("test.large", Large.class);
        karaf.deploy(large, "large.jar");
        // Without its query the handler fails.
        karaf.awaitStatus(500, "/large");
    }

    @AfterEach
    void undeploy() throws Exception {
        karaf.undeployAndAwait("large.jar", "/large");
    }

    @Test
    void slowClientsGetEveryByteOfAKilledWorkersResponsesAndGoOn() throws Exception {
        LargeResponses responses = new LargeResponses(folder);
        try (MortalWorkers mortal = new MortalWorkers(karaf, 1)) {
            ProcessHandle worker = karaf.workers().get(0);
            List<Asked> all = new ArrayList<>();
            try (Http other = new Http(karaf.httpPort())) {
                ask(all, Kind.WHOLE, 10 * MIB, "1.1", "", true);
                ask(all, Kind.WHOLE, MIB, "1.1", "", true);
                ask(all, Kind.STREAM, 50 * MIB, "1.1", "", true);
                ask(all, Kind.FILE, 30 * MIB, "1.1", "", true);
                ask(all, Kind.STREAM, 12 * MIB, "1.1", "", true);
                ask(all, Kind.STREAM, 20 * MIB, "1.0", "", false);
                ask(all, Kind.FILE, 15 * MIB, "1.0", "", false);
                ask(all, Kind.WHOLE, 9 * MIB, "1.1", "Connection: close\r\n", false);
                for (Asked one : all) {
                    one.http().send(responses.request(one.name(), one.kind(), one.bytes(), one.version(), one.field()));
                }
                karaf.await(
                        "all handlers to be called",
                        () -> responses.begun().stream().mapToInt(List::size).sum() == all.size());
                // The only worker's only thread calls the next handler when the responses before are safe.
                other.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertTrue(other.receive().text().contains("process " + worker.pid() + " "));
                assertTrue(worker.destroyForcibly());
                receive(all, responses);
            } finally {
                for (Asked one : all) {
                    one.http().close();
                }
            }
            // The others were taken by the system before.
            assertTrue(mortal.deaths().sum("(\\d+) responses were completed") >= 6, "completed as the log says");
            assertEquals(0, mortal.deaths().sum("(\\d+) responses are cut"));
            mortal.awaitDescriptors();
            assertEquals(List.of(), temporary());
        }
    }

    private void ask(List<Asked> all, Kind kind, int bytes, String version, String field, boolean keeps)
            throws Exception {
        all.add(new Asked(
                "slow-" + all.size(), kind, bytes, version, field, keeps, new Http(karaf.httpPort(), PAUSE_NANOS)));
    }

    /** Each on a thread of its own, so that all are slow at the same time. */
    private void receive(List<Asked> all, LargeResponses responses) throws Exception {
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (Asked one : all) {
            Thread thread = new Thread(() -> {
                try {
                    responses.check(one.http().receive(), one.name(), one.bytes());
                    if (one.keeps()) {
                        one.http().send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
                        assertEquals(200, one.http().receive().status());
                    } else {
                        assertTrue(one.http().atEnd());
                    }
                } catch (Exception | AssertionError e) {
                    failures.add(one + ": " + e);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join(TimeUnit.MINUTES.toMillis(2));
        }
        assertTrue(threads.stream().noneMatch(Thread::isAlive), "a client still waits");
        assertEquals(List.of(), failures);
    }

    @Test
    void whateverIsLostWithAWorkerIsTheLastRequestThatItHasBegun() throws Exception {
        long seed = System.nanoTime();
        System.out.println("kill -9 of random workers with large responses, seed " + seed);
        Random random = new Random(seed);
        LargeResponses responses = new LargeResponses(folder);
        try (MortalWorkers mortal = new MortalWorkers(karaf, WORKERS)) {
            int kills = 0;
            LargeLoad load = new LargeLoad(karaf.httpPort(), CLIENTS, responses, seed);
            try (load) {
                long end = System.nanoTime() + LASTING.toNanos();
                while (System.nanoTime() - end < 0) {
                    LockSupport.parkNanos(
                            TimeUnit.MILLISECONDS.toNanos(LEAST_PAUSE_MILLIS + random.nextInt(MORE_PAUSE_MILLIS)));
                    List<ProcessHandle> alive = karaf.workers();
                    if (!alive.isEmpty()) {
                        alive.get(random.nextInt(alive.size())).destroyForcibly();
                        kills++;
                    }
                }
            }
            // By then the log says of all of them how they died.
            mortal.awaitOn();
            int completed = mortal.deaths().sum("(\\d+) responses were completed");
            System.out.printf(
                    Locale.ROOT,
                    "%d clients, %d workers killed: %d responses of 0.1 to 10 MiB answered, %d MiB, "
                            + "of which the monitor completed %d; lost: %s%n",
                    CLIENTS,
                    kills,
                    load.answered(),
                    load.bytes() / MIB,
                    completed,
                    load.failed());
            onlyTheLast(responses.begun(), load.failed(), kills);
            assertEquals(
                    load.failed().size(),
                    mortal.deaths().sum("(\\d+) requests whose handler ran")
                            + mortal.deaths().sum("(\\d+) responses are cut"),
                    "as Karaf's log says");
            assertTrue(load.answered() > kills, "answered " + load.answered());
            assertTrue(completed > 0, "no response was completed");
            mortal.awaitDescriptors();
            assertEquals(List.of(), temporary());
        }
    }

    private static void onlyTheLast(List<List<String>> begun, Map<String, String> failed, int kills) {
        for (List<String> process : begun) {
            for (String name : process.subList(0, Math.max(0, process.size() - 1))) {
                assertTrue(!failed.containsKey(name), name + " had ended: " + failed.get(name));
            }
        }
        // Killed between the call of its handler and the note that this makes first, a request may have no note.
        assertTrue(failed.size() <= kills, "one for each kill at most: " + failed);
    }

    /** The temporary files of workers, which have no name. */
    private List<Path> temporary() throws Exception {
        try (Stream<Path> files = Files.walk(karaf.file("data"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("handoff-http"))
                    .toList();
        }
    }
}
