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

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Pids;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.load.LargeLoad;
import org.handoff.itests.load.LargeResponses;
import org.handoff.itests.load.LargeResponses.Kind;
import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Responses of any size whose handlers have returned arrive, whoever is killed. */
@ExtendWith(OurKaraf.class)
class LargeResponsesTest {

    private static final int MIB = 1 << 20;
    private static final int CLIENTS = 16;
    private static final int WORKERS = 3;
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

    /** Not in Python: without a file of its rest a response is cut. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PYTHON")
    void slowClientsGetEveryByteOfAKilledWorkersResponsesAndGoOn(TestedPool.Kind kind) throws Exception {
        try (TestedPool pool = new TestedPool(karaf, kind, "workers", "1", "crash.limit", "1000/1")) {
            LargeResponses responses = new LargeResponses(folder, pool.serveLarge());
            pool.awaitOn(1);
            slowClientsGetEveryByte(pool, responses);
        }
    }

    private void slowClientsGetEveryByte(TestedPool pool, LargeResponses responses) throws Exception {
        OpenDescriptors descriptors = karaf.descriptors();
        ProcessHandle worker = pool.processes().get(0);
        DeathLog deaths = new DeathLog(karaf);
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
            other.send("GET " + pool.hello() + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals(worker.pid(), Pids.pidIn(other.receive()));
            assertTrue(worker.destroyForcibly());
            receive(all, responses, pool.hello());
        } finally {
            for (Asked one : all) {
                one.http().close();
            }
        }
        // The others were taken by the system before.
        assertTrue(deaths.completed() >= 6, "completed as the log says");
        assertEquals(0, deaths.cut());
        descriptors.awaitNoMore();
        assertEquals(List.of(), temporary());
    }

    private void ask(List<Asked> all, Kind kind, int bytes, String version, String field, boolean keeps)
            throws Exception {
        all.add(new Asked(
                "slow-" + all.size(), kind, bytes, version, field, keeps, new Http(karaf.httpPort(), PAUSE_NANOS)));
    }

    /** Each on a thread of its own, so that all are slow at the same time. */
    private void receive(List<Asked> all, LargeResponses responses, String next) throws Exception {
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (Asked one : all) {
            Thread thread = new Thread(() -> {
                try {
                    responses.check(one.http().receive(), one.name(), one.bytes());
                    if (one.keeps()) {
                        one.http().send("GET " + next + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
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

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PYTHON")
    void whateverIsLostWithAWorkerIsTheLastRequestThatItHasBegun(TestedPool.Kind kind) throws Exception {
        long seed = System.nanoTime();
        System.out.println("kill -9 of random workers of " + kind + " with large responses, seed " + seed);
        Random random = new Random(seed);
        try (TestedPool pool =
                new TestedPool(karaf, kind, "workers", Integer.toString(WORKERS), "crash.limit", "1000/1")) {
            LargeResponses responses = new LargeResponses(folder, pool.serveLarge());
            pool.awaitOn(WORKERS);
            OpenDescriptors descriptors = karaf.descriptors();
            DeathLog deaths = new DeathLog(karaf);
            int kills = 0;
            LargeLoad load = new LargeLoad(karaf.httpPort(), CLIENTS, responses, seed);
            try (load) {
                long end =
                        System.nanoTime() + kind.lasting(Duration.ofSeconds(10)).toNanos();
                while (System.nanoTime() - end < 0 || deaths.completed() == 0) {
                    LockSupport.parkNanos(
                            TimeUnit.MILLISECONDS.toNanos(LEAST_PAUSE_MILLIS + random.nextInt(MORE_PAUSE_MILLIS)));
                    List<ProcessHandle> alive = pool.processes();
                    if (!alive.isEmpty()) {
                        alive.get(random.nextInt(alive.size())).destroyForcibly();
                        kills++;
                    }
                }
                int killed = kills;
                karaf.await("answers", () -> load.answered() > killed);
            }
            // By then the log says of all of them how they died.
            pool.awaitOn(WORKERS);
            System.out.printf(
                    Locale.ROOT,
                    "%s, %d clients, %d workers killed: %d responses of 0.1 to 10 MiB answered, %d MiB, "
                            + "of which the monitor completed %d; lost: %s%n",
                    kind,
                    CLIENTS,
                    kills,
                    load.answered(),
                    load.bytes() / MIB,
                    deaths.completed(),
                    load.failed());
            onlyTheLast(responses.begun(), load.failed(), kills);
            assertEquals(load.failed().size(), deaths.lost() + deaths.cut(), "as Karaf's log says");
            descriptors.awaitNoMore();
            assertEquals(List.of(), temporary());
        }
    }

    @ParameterizedTest
    @EnumSource
    void workersThatComeAndGoCutNoResponse(TestedPool.Kind kind) throws Exception {
        long seed = System.nanoTime();
        int times = Runs.times(1);
        try (TestedPool pool = new TestedPool(karaf, kind)) {
            LargeResponses responses = new LargeResponses(folder, pool.serveLarge());
            pool.awaitOn(2);
            OpenDescriptors descriptors = karaf.descriptors();
            LargeLoad load = new LargeLoad(karaf.httpPort(), CLIENTS, responses, seed);
            try (load) {
                for (int i = 1; i <= times; i++) {
                    int answered = load.answered();
                    karaf.await("answers", () -> load.answered() > answered + CLIENTS);
                    pool.recycle();
                    assertEquals(Map.of(), load.failed(), "recycled for the " + i + ". time, seed " + seed);
                }
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s, %d clients, %d recyclings of the pool (seed %d): %d responses of 0.1 to 10 MiB answered, "
                            + "%d MiB, 0 cut%n",
                    kind,
                    CLIENTS,
                    times,
                    seed,
                    load.answered(),
                    load.bytes() / MIB);
            assertEquals(Map.of(), load.failed());
            descriptors.awaitNoMore();
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
