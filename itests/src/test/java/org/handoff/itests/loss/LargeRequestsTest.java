package org.handoff.itests.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.load.Doors;
import org.handoff.itests.load.Uploads;
import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Uploads of any size are lost with no worker that has not begun them, and wait behind no busy one. */
@ExtendWith(OurKaraf.class)
class LargeRequestsTest {

    private static final int CLIENTS = 6;
    private static final int WORKERS = 3;
    private static final int MOST_MILLIS_BETWEEN_KILLS = 1000;
    private static final int MIB = 1 << 20;

    private final Karaf karaf;

    LargeRequestsTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @ParameterizedTest
    @EnumSource
    void killingWorkersAtRandomLosesNoUploadBeforeItsHandlerRuns(TestedPool.Kind kind) throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (TestedPool pool =
                new TestedPool(karaf, kind, "workers", Integer.toString(WORKERS), "crash.limit", "1000/1")) {
            pool.awaitOn(WORKERS);
            OpenDescriptors descriptors = karaf.descriptors();
            int before = karaf.log().size();
            DeathLog deaths = new DeathLog(karaf);
            int kills = 0;
            Uploads load = pool.uploads(CLIENTS, seed);
            try (load) {
                long end =
                        System.nanoTime() + kind.lasting(Duration.ofSeconds(10)).toNanos();
                while (System.nanoTime() - end < 0) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(MOST_MILLIS_BETWEEN_KILLS)));
                    // One of those that serve, the oldest; on a busy machine a start takes as long as many kills.
                    long ready = karaf.logSince(before).stream()
                            .filter(line ->
                                    line.contains("Worker " + pool.name() + "-") && line.contains(" is ready after "))
                            .count();
                    if (WORKERS + ready - kills > 1) {
                        pool.processes().stream()
                                .min(Comparator.comparingLong(ProcessHandle::pid))
                                .orElseThrow()
                                .destroyForcibly();
                        kills++;
                    }
                }
                karaf.await("answers", () -> load.answered() > CLIENTS);
            }
            // By then the log says of all of them how they died.
            pool.awaitOn(WORKERS);
            System.out.printf(
                    Locale.ROOT,
                    "%s, %d clients, %d workers killed (seed %d): %d uploads answered, %d MiB, "
                            + "%d times one went to another worker, %d answered 502, %d lost otherwise%n",
                    kind,
                    CLIENTS,
                    kills,
                    seed,
                    load.answered(),
                    load.mebibytes(),
                    deaths.again(),
                    load.lost().size(),
                    load.broken().size());
            assertEquals(load.lost().size(), deaths.lost() + deaths.unread(), load.lost()::toString);
            if (kind.keepsJournal()) {
                assertEquals(List.of(), load.broken());
                assertTrue(load.lost().size() <= kills);
                assertEquals(0, deaths.unread());
                assertEquals(0, deaths.cut());
            } else {
                assertTrue(load.broken().size() <= deaths.cut(), load.broken()::toString);
            }
            descriptors.awaitNoMore();
        }
    }

    @ParameterizedTest
    @EnumSource
    void workersThatComeAndGoLoseNoUpload(TestedPool.Kind kind) throws Exception {
        long seed = System.nanoTime();
        int times = kind.times(3);
        try (TestedPool pool = new TestedPool(karaf, kind)) {
            pool.awaitOn(2);
            OpenDescriptors descriptors = karaf.descriptors();
            Uploads load = pool.uploads(CLIENTS, seed);
            try (load) {
                for (int i = 1; i <= times; i++) {
                    String id = pool.rows().get(0).get("id");
                    pool.command("worker:off " + id);
                    long answered = load.answered();
                    karaf.await("uploads to the other", () -> load.answered() > answered + 1);
                    pool.command("worker:on " + id);
                    pool.recycle();
                    assertEquals(List.of(), load.broken(), "seed " + seed);
                }
                karaf.await("answers", () -> load.answered() > CLIENTS);
            }
            System.out.printf(
                    Locale.ROOT,
                    "%s, %d clients, %d times off and on and recycled (seed %d): %d uploads answered, "
                            + "%d MiB, %d answered 502, %d lost otherwise%n",
                    kind,
                    CLIENTS,
                    times,
                    seed,
                    load.answered(),
                    load.mebibytes(),
                    load.lost().size(),
                    load.broken().size());
            assertEquals(List.of(), load.broken());
            assertEquals(List.of(), load.lost());
            descriptors.awaitNoMore();
        }
    }

    /** Not in Python: what is longer than a frame, a worker without files keeps. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PYTHON")
    void anUploadThatIsCompleteAtABusyWorkerIsAnsweredByAnother(TestedPool.Kind kind) throws Exception {
        List<Http> uploads = new ArrayList<>();
        String body = "x".repeat(MIB);
        try (TestedPool pool = new TestedPool(karaf, kind);
                Doors doors = pool.doors();
                Http slow = new Http(karaf.httpPort())) {
            pool.awaitOn(2);
            // Two of them at each of the workers, as whoever has fewest gets the next.
            for (int i = 0; i < 4; i++) {
                Http http = new Http(karaf.httpPort());
                uploads.add(http);
                http.send("POST " + pool.digest() + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + MIB
                        + "\r\n\r\n" + body.substring(1));
            }
            doors.send(slow);
            doors.awaitHeld();
            long since = System.nanoTime();
            for (Http http : uploads) {
                http.send("x");
            }
            for (Http http : uploads) {
                assertEquals(200, http.receive().status());
            }
            System.out.printf(
                    "%s: four uploads of 1 MiB, two of them complete at a busy worker, are answered after %d ms%n",
                    kind, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
            assertFalse(slow.hasBegun());
            doors.open();
            assertEquals(200, slow.receive().status());
        } finally {
            for (Http http : uploads) {
                http.close();
            }
        }
    }
}
