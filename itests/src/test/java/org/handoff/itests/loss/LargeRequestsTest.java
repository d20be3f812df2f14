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
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Doors;
import org.handoff.itests.load.Uploads;
import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Uploads of any size are lost with no worker that has not begun them, and wait behind no busy one. */
@ExtendWith(OurKaraf.class)
class LargeRequestsTest {

    private static final int CLIENTS = 6;
    private static final int WORKERS = 3;
    private static final Duration KILLING = Runs.lasting(Duration.ofSeconds(10));
    private static final int MOST_MILLIS_BETWEEN_KILLS = 1000;
    private static final int MIB = 1 << 20;

    private final Karaf karaf;
    private final Workers workers;

    LargeRequestsTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @Test
    void killingWorkersAtRandomLosesNoUploadBeforeItsHandlerRuns() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (MortalWorkers mortal = new MortalWorkers(karaf, WORKERS)) {
            int kills = 0;
            Uploads load = new Uploads(karaf.httpPort(), CLIENTS, seed);
            try (load) {
                long end = System.nanoTime() + KILLING.toNanos();
                while (System.nanoTime() - end < 0) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(MOST_MILLIS_BETWEEN_KILLS)));
                    // One of those that serve, the oldest; on a busy machine a start takes as long as many kills.
                    long ready = mortal.log().stream()
                            .filter(line -> line.contains(" is ready after "))
                            .count();
                    if (WORKERS + ready - kills > 1) {
                        karaf.workers().stream()
                                .min(Comparator.comparingLong(ProcessHandle::pid))
                                .orElseThrow()
                                .destroyForcibly();
                        kills++;
                    }
                }
            }
            // By then the log says of all of them how they died.
            mortal.awaitOn();
            System.out.printf(
                    Locale.ROOT,
                    "%d clients, %d workers killed (seed %d): %d uploads answered, %d MiB, "
                            + "%d times one went to another worker, %d answered 502, %d lost otherwise%n",
                    CLIENTS,
                    kills,
                    seed,
                    load.answered(),
                    load.mebibytes(),
                    mortal.deaths().sum("(\\d+) requests go to other workers"),
                    load.lost().size(),
                    load.broken().size());
            assertEquals(List.of(), load.broken());
            assertEquals(
                    mortal.deaths().sum("(\\d+) requests whose handler ran"),
                    load.lost().size(),
                    load.lost()::toString);
            assertEquals(0, mortal.deaths().sum("(\\d+) that were not kept"));
            assertEquals(0, mortal.deaths().sum("(\\d+) responses are cut"));
            assertTrue(load.lost().size() <= kills);
            assertTrue(load.answered() > CLIENTS, "answered " + load.answered());
            mortal.awaitDescriptors();
        }
    }

    @Test
    void workersThatComeAndGoLoseNoUpload() throws Exception {
        workers.awaitOn(2);
        OpenDescriptors descriptors = karaf.descriptors();
        long seed = System.nanoTime();
        int times = Runs.times(3);
        Uploads load = new Uploads(karaf.httpPort(), CLIENTS, seed);
        try (load) {
            for (int i = 1; i <= times; i++) {
                String id = workers.rows().get(0).get("id");
                assertEquals("", karaf.shell("worker:off " + id).strip());
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(500));
                assertEquals("", karaf.shell("worker:on " + id).strip());
                var before = workers.pids();
                assertEquals("", karaf.shell("worker:recycle default").strip());
                karaf.await(
                        "the workers to be replaced",
                        () -> workers.pids().size() == 2 && before.stream().noneMatch(workers.pids()::contains));
                assertEquals(List.of(), load.broken(), "seed " + seed);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%d clients, %d times off and on and recycled (seed %d): %d uploads answered, "
                        + "%d MiB, %d answered 502, %d lost otherwise%n",
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

    @Test
    void anUploadThatIsCompleteAtABusyWorkerIsAnsweredByAnother() throws Exception {
        List<Http> uploads = new ArrayList<>();
        String body = "x".repeat(MIB);
        try (Doors doors = new Doors(karaf);
                Http slow = new Http(karaf.httpPort())) {
            workers.awaitOn(2);
            // Two of them at each of the workers, as whoever has fewest gets the next.
            for (int i = 0; i < 4; i++) {
                Http http = new Http(karaf.httpPort());
                uploads.add(http);
                http.send("POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + MIB + "\r\n\r\n"
                        + body.substring(1));
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
                    "four uploads of 1 MiB, two of them complete at a busy worker, are answered after %d ms%n",
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
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
