package org.handoff.itests.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.handoff.itests.handlers.nap.Nap;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Processes;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Doors;
import org.handoff.itests.load.Latencies;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Five times as many requests as the workers can answer: they answer as many as ever, and the rest is told at once. */
@ExtendWith(OurKaraf.class)
class OverloadTest {

    private static final String REQUEST = "GET /nap HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final int SURPLUS = 5;
    private static final int CLIENTS = 200;
    /** As many as keep the workers busy and do not overload them. */
    private static final int PEAK_CLIENTS = 8;

    private static final double GROWING = 1.03;
    private static final int QUEUE_LENGTH = 20;
    private static final int WORKERS = 2;
    private static final int KARAF_MIB = 256;
    private static final int WORKER_MIB = 64;

    private final Karaf karaf;

    OverloadTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @Test
    void surplusIsRefusedWhileTheRestWaits() throws Exception {
        Workers workers = new Workers(karaf);
        List<Http> all = new ArrayList<>();
        try (Doors doors = new Doors(karaf)) {
            workers.configure("queue.length", Integer.toString(QUEUE_LENGTH));
            workers.awaitOn(WORKERS);
            for (int i = 0; i < WORKERS; i++) {
                Http http = new Http(karaf.httpPort());
                all.add(http);
                doors.send(http);
                doors.awaitHeld();
            }
            for (int i = 0; i < CLIENTS; i++) {
                Http http = new Http(karaf.httpPort());
                all.add(http);
                doors.send(http);
            }
            int surplus = CLIENTS - QUEUE_LENGTH;
            karaf.await(surplus + " refusals", () -> begun(all).size() == surplus);
            for (Http http : begun(all)) {
                Http.Answer answer = http.receive();
                assertEquals(503, answer.status());
                assertTrue(Integer.parseInt(answer.field("Retry-After")) > 0);
                all.remove(http);
                http.close();
            }
            for (int i = 0; i < QUEUE_LENGTH; i++) {
                doors.open();
                doors.awaitHeld();
            }
            doors.open();
            for (Http http : all) {
                assertEquals(200, http.receive().status());
            }
        } finally {
            for (Http http : all) {
                http.close();
            }
            workers.configure("queue.length", "1000");
        }
    }

    private static List<Http> begun(List<Http> all) throws IOException {
        List<Http> begun = new ArrayList<>();
        for (Http http : all) {
            if (http.hasBegun()) {
                begun.add(http);
            }
        }
        return begun;
    }

    @Test
    void surplusIsRefusedAtOnceAndThroughputStays() throws Exception {
        assumeTrue(Runs.areLong(), "with -Plong only");
        Workers workers = new Workers(karaf);
        try {
            workers.configure("queue.length", Integer.toString(QUEUE_LENGTH));
            karaf.deployAndAwait(HandlerBundle.build("test.nap", Nap.class), "nap.jar", "/nap");
            workers.awaitOn(2);
            overload();
        } finally {
            karaf.undeployAndAwait("nap.jar", "/nap");
            workers.configure("queue.length", "1000");
        }
    }

    private void overload() throws Exception {
        Surge peak = peak();
        Map<Long, Long> memory = memory();
        long period = (long) (TimeUnit.SECONDS.toNanos(CLIENTS) / (SURPLUS * peak.throughput()));
        Surge surge = new Surge(CLIENTS, period);
        surge.last(Runs.lasting(Duration.ofSeconds(10)));
        Map<Long, Long> after = memory();
        System.out.printf(
                Locale.ROOT,
                "%.0f requests a second at the peak; of %.0f a second %.0f were answered (%.2f "
                        + "of the peak), %s; refused: %s; MiB before %s, after %s (Karaf is %d)%n",
                peak.throughput(),
                surge.throughput() + surge.refused.count() / surge.seconds(),
                surge.throughput(),
                surge.throughput() / peak.throughput(),
                surge.served,
                surge.refused,
                memory,
                after,
                karaf.pid());

        assertEquals(List.of(), surge.failures());
        assertTrue(surge.refused.count() > (SURPLUS - 2) * surge.served.count(), "there was a surplus");
        assertTrue(surge.throughput() >= 0.9 * peak.throughput(), "throughput");
        assertTrue(
                surge.refused.percentile(50) < surge.served.percentile(50) / 5
                        && surge.refused.percentile(99) < surge.served.percentile(99),
                "who is refused does not wait in line");
        assertEquals(memory.keySet(), after.keySet(), "the same processes");
        after.forEach((pid, mib) -> assertTrue(
                mib - memory.get(pid) <= (pid == karafPid() ? KARAF_MIB : WORKER_MIB),
                "process " + pid + " has grown to " + mib + " MiB from " + memory));
    }

    /** What the workers can do once their code is compiled: measured until it grows no more. */
    private Surge peak() throws InterruptedException {
        double before;
        Surge peak = null;
        do {
            before = peak == null ? 0 : peak.throughput();
            peak = new Surge(PEAK_CLIENTS, 0);
            peak.last(Duration.ofSeconds(3));
            assertEquals(List.of(), peak.failures());
            assertEquals(0, peak.refused.count(), "refused without a surplus");
        } while (peak.throughput() > GROWING * before);
        return peak;
    }

    /** Resident MiB by process. */
    private Map<Long, Long> memory() throws IOException {
        Map<Long, Long> memory = new TreeMap<>();
        memory.put(karaf.pid(), Processes.residentKib(karaf.pid()) >> 10);
        for (ProcessHandle worker : karaf.workers()) {
            memory.put(worker.pid(), Processes.residentKib(worker.pid()) >> 10);
        }
        return memory;
    }

    private long karafPid() {
        try {
            return karaf.pid();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Clients that each send one request a period on a kept connection, or one after the other where it is 0. */
    private final class Surge {

        private final Latencies served = new Latencies();
        private final Latencies refused = new Latencies();
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final int count;
        private final long period;
        private volatile boolean stopped;
        private long nanos;

        Surge(int count, long period) {
            this.count = count;
            this.period = period;
        }

        void last(Duration duration) throws InterruptedException {
            List<Thread> clients = new ArrayList<>();
            long begun = System.nanoTime();
            for (int i = 0; i < count; i++) {
                long first = begun + period * i / count;
                Thread client = new Thread(() -> send(first), "surge-" + i);
                clients.add(client);
                client.start();
            }
            LockSupport.parkNanos(duration.toNanos());
            stopped = true;
            nanos = System.nanoTime() - begun;
            for (Thread client : clients) {
                client.join();
            }
        }

        double seconds() {
            return nanos / (double) TimeUnit.SECONDS.toNanos(1);
        }

        double throughput() {
            return served.count() / seconds();
        }

        List<String> failures() {
            return List.copyOf(failures);
        }

        private void send(long first) {
            try (Http http = new Http(karaf.httpPort())) {
                for (long due = first; !stopped; due += period) {
                    LockSupport.parkNanos(due - System.nanoTime());
                    long since = System.nanoTime();
                    http.send(REQUEST);
                    Http.Answer answer = http.receive();
                    switch (answer.status()) {
                        case 200 -> served.record(System.nanoTime() - since);
                        case 503 -> {
                            refused.record(System.nanoTime() - since);
                            Integer.parseInt(answer.field("Retry-After"));
                        }
                        default -> throw new IOException("status " + answer.status());
                    }
                }
            } catch (IOException | RuntimeException e) {
                failures.add(Thread.currentThread().getName() + ": " + e);
            }
        }
    }
}
