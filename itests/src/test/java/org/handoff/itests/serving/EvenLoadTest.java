package org.handoff.itests.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Clients;
import org.handoff.testkit.EvenShares;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Of equal workers the busiest has at most 1.2 times the requests of the idlest, whatever comes and happens. */
@ExtendWith(OurKaraf.class)
class EvenLoadTest {

    private static final int WORKERS = 4;
    private static final int MANY_WORKERS = 16;
    private static final int MANY_CLIENTS = 64;
    /** From when on a new worker is equal to the others: its JVM has compiled what a request needs. */
    private static final long FIRST_ANSWERS = 500;

    private final Karaf karaf;
    private final Workers workers;
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger lost = new AtomicInteger();
    private volatile boolean stopped;

    EvenLoadTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    /** All of dispatch and load under the profile {@code long}; else what is there by default. */
    static Stream<Arguments> loads() {
        return Stream.of("adaptive", "connection", "request")
                .limit(Runs.times(1))
                .flatMap(dispatch -> Stream.of(
                                Arguments.of(dispatch, 16, true),
                                Arguments.of(dispatch, 1, true),
                                Arguments.of(dispatch, 8, false),
                                Arguments.of(dispatch, 1, false))
                        .limit(Runs.times(1)));
    }

    /** Many more than the processors, so that each takes long to compile what a request needs. */
    @Test
    void sixteenWorkersAnswerAsManyRequestsOf64KeptConnections() throws Exception {
        assumeTrue(Runs.areLong(), "with -Plong only");
        workers.configure("workers", Integer.toString(MANY_WORKERS));
        workers.awaitOn(MANY_WORKERS);
        asked(
                MANY_CLIENTS,
                true,
                () -> EvenShares.await(MANY_CLIENTS + " kept connections at " + MANY_WORKERS, this::requests));
        assertEquals(0, lost.get());
    }

    @ParameterizedTest(name = "{0}, {1} clients, kept: {2}")
    @MethodSource("loads")
    void allWorkersAnswerAsManyRequests(String dispatch, int count, boolean kept) throws Exception {
        workers.configure("workers", Integer.toString(WORKERS / 2), "dispatch", dispatch);
        workers.awaitOn(WORKERS / 2);
        String load = dispatch + ", " + count + (kept ? " kept connections" : " clients with new connections");
        asked(count, kept, () -> {
            assertEquals("", karaf.shell("worker:scale default " + WORKERS).strip());
            workers.awaitOn(WORKERS);
            assertEachTimeInTheLongRun(load + ", after worker:scale");
            Set<Long> before = workers.pids();
            karaf.shell("worker:kill " + workers.rows().get(0).get("id"));
            karaf.await("another worker", () -> !workers.pids().containsAll(before));
            workers.awaitOn(WORKERS);
            assertEachTimeInTheLongRun(load + ", after worker:kill");
            Set<Long> old = workers.pids();
            karaf.shell("worker:recycle " + workers.rows().get(0).get("id"));
            karaf.await("another worker", () -> !workers.pids().containsAll(old));
            workers.awaitOn(WORKERS);
            assertBalanced(load + ", after worker:scale, worker:kill and worker:recycle");
        });
        assertTrue(lost.get() <= 1, lost + " requests lost with one worker that was killed");
    }

    private interface Events {

        void happen() throws Exception;
    }

    /** Lets something happen while clients ask; afterwards the pool is as it was. */
    private void asked(int count, boolean kept, Events events) throws Exception {
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Thread client = new Thread(kept ? this::ask : this::visit, "client-" + i);
            clients.add(client);
            client.start();
        }
        try {
            events.happen();
        } finally {
            stopped = true;
            Clients.join(clients, client -> failures.add(client + " still waits for a response"));
            workers.configure("workers", "2", "dispatch", "adaptive");
            workers.awaitOn(2);
        }
        assertEquals(List.of(), List.copyOf(failures));
    }

    private void assertEachTimeInTheLongRun(String when) {
        if (Runs.areLong()) {
            assertBalanced(when);
        }
    }

    private void assertBalanced(String when) {
        karaf.await("first answers", () -> requests().values().stream().allMatch(count -> count > FIRST_ANSWERS));
        int looks = EvenShares.await(when, this::requests);
        Runs.assertTiming(looks == 1, when + ": even in the " + looks + ". 5 s only");
    }

    private Map<String, Long> requests() throws Exception {
        Map<String, Long> requests = new HashMap<>();
        workers.rows().forEach(row -> requests.put(row.get("id"), Long.parseLong(row.get("requests"))));
        return requests;
    }

    /** A client that keeps its connection. */
    private void ask() {
        while (!stopped) {
            try (Http http = new Http(karaf.httpPort())) {
                while (!stopped && request(http)) {
                    // Each on the same connection.
                }
            } catch (Exception | AssertionError e) {
                fail(e);
            }
        }
    }

    /** A client that makes another connection for each request. */
    private void visit() {
        while (!stopped) {
            try (Http http = new Http(karaf.httpPort())) {
                request(http);
            } catch (Exception | AssertionError e) {
                fail(e);
            }
        }
    }

    private void fail(Throwable e) {
        failures.add(Thread.currentThread().getName() + ": " + e);
        stopped = true;
    }

    /** @return false for the request that is lost with a killed worker, and its connection */
    private boolean request(Http http) throws Exception {
        http.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Http.Answer answer = http.receive();
        if (answer.status() == 502) {
            lost.incrementAndGet();
            return false;
        }
        assertEquals(200, answer.status());
        // A client that thinks leaves the processors to workers that start.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        return true;
    }
}
