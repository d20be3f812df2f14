package org.handoff.itests.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.handoff.itests.handlers.mixed.Mixed;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Doors;
import org.handoff.itests.load.Latencies;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No request waits behind another one's slow handler while a worker is free. */
@ExtendWith(OurKaraf.class)
class DispatchTest {

    private static final int CLIENTS = 16;
    private static final int WORKERS = 4;
    private static final int SLOW_MILLIS = 100;
    /** One slow request to nine fast ones. */
    private static final int ONE_IN = 10;
    /** All but one of the workers may be at a slow request: one is free for the fast ones. */
    private static final int MOST_SLOW = WORKERS - 1;

    private static final Duration WARMING = Duration.ofSeconds(3);
    private static final Duration ROUND = Duration.ofMillis(1200);
    private static final int ROUNDS = Runs.times(5);
    private static final int HELD_ROUNDS = Runs.times(5);
    private static final long THINK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Karaf karaf;
    private final Workers workers;
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();

    DispatchTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "request"})
    void allConnectionsAreAnsweredWhileAllButOneWorkerAreHeld(String dispatch) throws Exception {
        workers.configure("workers", Integer.toString(WORKERS), "dispatch", dispatch);
        List<Http> all = new ArrayList<>();
        try (Doors doors = new Doors(karaf)) {
            workers.awaitOn(WORKERS);
            for (int i = 0; i < CLIENTS + MOST_SLOW; i++) {
                all.add(new Http(karaf.httpPort()));
            }
            List<Http> held = all.subList(0, MOST_SLOW);
            List<Http> others = all.subList(MOST_SLOW, all.size());
            for (int round = 0; round < HELD_ROUNDS; round++) {
                // Each worker has connections of its own when it is held.
                askAll(others);
                Set<Long> busy = new HashSet<>();
                for (Http http : held) {
                    doors.send(http);
                    assertTrue(busy.add(doors.awaitHeld()), "another worker each: " + busy);
                    askAll(others);
                }
                for (Http http : held) {
                    assertFalse(http.hasBegun(), "all others are answered before");
                }
                doors.open();
                for (Http http : held) {
                    assertEquals(200, http.receive().status());
                }
            }
        } finally {
            for (Http http : all) {
                http.close();
            }
            workers.configure("workers", "2", "dispatch", "adaptive");
            workers.awaitOn(2);
        }
    }

    /** Sends a request on each connection, and then receives the answers. */
    private static void askAll(List<Http> all) throws IOException {
        for (Http http : all) {
            http.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        }
        for (Http http : all) {
            assertEquals(200, http.receive().status());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"adaptive", "request"})
    void fastRequestsDoNotWaitForSlowOnesWhileAWorkerIsFree(String dispatch) throws Exception {
        assumeTrue(Runs.areLong(), "with -Plong only");
        workers.configure("workers", Integer.toString(WORKERS), "dispatch", dispatch);
        karaf.deployAndAwait(HandlerBundle.build("test.mixed", Mixed.class), "mixed.jar", "/mixed?0");
        try {
            workers.awaitOn(WORKERS);
            // Both ways once, so that what is measured is not the compiling of either.
            run(0, WARMING);
            run(MOST_SLOW, WARMING);
            List<Latencies> without = new ArrayList<>();
            List<Latencies> with = new ArrayList<>();
            for (int i = 0; i < ROUNDS; i++) {
                without.add(run(0, ROUND));
                with.add(run(MOST_SLOW, ROUND));
            }
            Latencies usual = middle(without);
            Latencies mixed = middle(with);
            System.out.printf(
                    Locale.ROOT,
                    "dispatch = %s, fast requests without slow ones: %s; with one slow in %d: "
                            + "%s; p99 is %.1f times as long (the middle of %d rounds each, by p99)%n",
                    dispatch,
                    usual,
                    ONE_IN,
                    mixed,
                    mixed.percentile(99) / usual.percentile(99),
                    ROUNDS);
            assertEquals(List.of(), List.copyOf(failures));
            assertTrue(
                    mixed.percentile(99) < Math.max(20, 5 * usual.percentile(99)),
                    "p99 of the fast ones: " + mixed.percentile(99) + " ms");
        } finally {
            karaf.undeployAndAwait("mixed.jar", "/mixed?0");
            workers.configure("workers", "2", "dispatch", "adaptive");
            workers.awaitOn(2);
        }
    }

    /** One by its p99, which half of them exceed: whatever else the machine did in one round or two is not in it. */
    private static Latencies middle(List<Latencies> rounds) {
        List<Latencies> sorted = new ArrayList<>(rounds);
        sorted.sort(Comparator.comparingDouble(round -> round.percentile(99)));
        return sorted.get(sorted.size() / 2);
    }

    /** Measures the fast requests. @param slowAtOnce how many slow ones there are at most at one time */
    private Latencies run(int slowAtOnce, Duration lasting) throws InterruptedException {
        Latencies fast = new Latencies();
        Semaphore slow = new Semaphore(slowAtOnce);
        long end = System.nanoTime() + lasting.toNanos();
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Random random = new Random(i);
            Thread client = new Thread(() -> send(random, end, slow, fast));
            clients.add(client);
            client.start();
        }
        for (Thread client : clients) {
            client.join();
        }
        return fast;
    }

    private void send(Random random, long end, Semaphore slow, Latencies fast) {
        try (Http http = new Http(karaf.httpPort())) {
            while (System.nanoTime() - end < 0) {
                if (random.nextInt(ONE_IN) == 0 && slow.tryAcquire()) {
                    get(http, SLOW_MILLIS);
                    slow.release();
                } else {
                    long since = System.nanoTime();
                    get(http, 0);
                    fast.record(System.nanoTime() - since);
                }
                LockSupport.parkNanos(THINK_NANOS);
            }
        } catch (Exception e) {
            failures.add(e.toString());
        }
    }

    private static void get(Http http, int millis) throws Exception {
        http.send("GET /mixed?" + millis + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Http.Answer answer = http.receive();
        assertEquals(millis + " ms", answer.text());
    }
}
