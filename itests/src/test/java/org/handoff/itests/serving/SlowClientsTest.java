package org.handoff.itests.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

import org.handoff.itests.handlers.nested.Nested;
import org.handoff.itests.handlers.shelf.Shelf;
import org.handoff.itests.karaf.HandlerBundle;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Processes;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.karaf.Workers;
import org.handoff.itests.load.Latencies;
import org.handoff.itests.load.Load;
import org.handoff.itests.load.SlowClients;
import org.handoff.itests.load.SlowClients.Kind;
import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** 2,000 clients that send a byte a second, and 200 that read one: nobody else notices, and each meets its end. */
@ExtendWith(OurKaraf.class)
class SlowClientsTest {

    private static final String MONITOR = "org.handoff.monitor.cfg";
    private static final String SECOND = "org.handoff.pool-second.cfg";

    private static final int CLIENTS = 8;
    private static final int LIMIT_SECONDS = 8;
    private static final int WRITE_SECONDS = 5;
    /** For the first byte to come, for the clocks that look once a second, and for a slow machine. */
    private static final int GRACE_SECONDS = 6;

    private static final Duration MEASURED = Runs.lasting(Duration.ofSeconds(1), Duration.ofSeconds(5));
    private static final double FACTOR = 10;
    private static final double LEAST_MILLIS = 5;

    private final Karaf karaf;
    private final Workers workers;

    SlowClientsTest(Karaf karaf) {
        this.karaf = karaf;
        this.workers = new Workers(karaf);
    }

    @Test
    void normalClientsAreUnaffectedAndEachSlowOneEndsByItsTimeLimit() throws Exception {
        String limit = Integer.toString(LIMIT_SECONDS);
        String monitorBefore = karaf.read(MONITOR);
        String poolBefore = karaf.read(Workers.CFG);
        try {
            karaf.configure(MONITOR, "head.timeout", limit);
            workers.replacedBy(() -> workers.configure(
                    "http.header.timeout",
                    limit,
                    "http.body.timeout",
                    limit,
                    "http.write.timeout",
                    Integer.toString(WRITE_SECONDS)));
            // Where one pool has all contexts, the monitor hands connections over unread, and no head is its business.
            karaf.write(SECOND, "workers = 1\n");
            karaf.deployAndAwait(HandlerBundle.build("test.nested", Nested.class), "nested.jar", "/echo/nested");
            karaf.deployAndAwait(HandlerBundle.build("test.shelf", Shelf.class), "shelf.jar", "/shelf");
            attack();
        } finally {
            karaf.undeployAndAwait("shelf.jar", "/shelf");
            karaf.undeployAndAwait("nested.jar", "/echo/nested");
            karaf.delete(SECOND);
            karaf.await("the pool \"second\" to be gone", () -> karaf.workers().size() == 2);
            karaf.write(MONITOR, monitorBefore);
            workers.replacedBy(() -> karaf.write(Workers.CFG, poolBefore));
        }
    }

    private void attack() throws Exception {
        karaf.awaitConnections(0);
        try (Load load = new Load(karaf.httpPort(), CLIENTS)) {
            karaf.await("the load", () -> load.answered() > 100 * CLIENTS);
            karaf.awaitConnections(CLIENTS);
            OpenDescriptors descriptors = OpenDescriptors.of(karaf.pid());
            Latencies before = load.measure();
            LockSupport.parkNanos(MEASURED.toNanos());
            load.measure();
            try (SlowClients slow = new SlowClients(karaf.httpPort())) {
                slow.add(Kind.STREAM_READER, 20);
                slow.add(Kind.READER, 180);
                slow.add(Kind.HEAD, 700);
                slow.add(Kind.NEXT_HEAD, 700);
                slow.add(Kind.BODY, 600);
                slow.begin();
                // On a busy machine the first ones have reached their limit before the last ones are there.
                karaf.await(
                        "the slow clients",
                        () -> Processes.establishedAt(karaf.httpPort()) == 2200 + CLIENTS
                                || slow.seconds() > WRITE_SECONDS);
                Latencies during = load.measure();
                LockSupport.parkNanos(MEASURED.toNanos());
                load.measure();
                karaf.await("the slow clients to end", () -> Processes.establishedAt(karaf.httpPort()) <= CLIENTS);
                assertEquals(List.of(), load.failures());
                mustEnd(slow);
                assertEquals(List.of(), load.failures());
                double ratio = during.percentile(99) / before.percentile(99);
                System.out.printf(
                        Locale.ROOT,
                        "%d clients without slow ones: %s; beside 2000 slow senders and 200 "
                                + "slow readers: %s; ratio of the p99 %.1f%n",
                        CLIENTS,
                        before,
                        during,
                        ratio);
                Runs.assertTiming(
                        during.percentile(99) <= FACTOR * Math.max(LEAST_MILLIS, before.percentile(99)),
                        "p99 " + ratio + " times as long as without slow clients");
                descriptors.awaitNoMore();
            }
        }
    }

    private void mustEnd(SlowClients slow) throws Exception {
        double allEnded = slow.seconds();
        assertNull(slow.failure());
        karaf.await(
                "each sender to have been answered 408",
                () -> slow.refused(Kind.HEAD, 408) == 700
                        && slow.refused(Kind.NEXT_HEAD, 408) == 700
                        && slow.refused(Kind.BODY, 408) == 600);
        System.out.printf(
                Locale.ROOT,
                "with limits of %d s, slow heads ended after %s, heads of second requests after "
                        + "%s, bodies after %s; with write.timeout %d s all, the readers too, had ended after %.1f s%n",
                LIMIT_SECONDS,
                slow.ends(Kind.HEAD),
                slow.ends(Kind.NEXT_HEAD),
                slow.ends(Kind.BODY),
                WRITE_SECONDS,
                allEnded);
        for (Kind kind : new Kind[] {Kind.HEAD, Kind.NEXT_HEAD, Kind.BODY}) {
            Runs.assertTiming(slow.lastEnd(kind) <= LIMIT_SECONDS + GRACE_SECONDS, kind + " after " + slow.ends(kind));
        }
        // What the system buffers at once is fast, and earns a reader the time once more.
        Runs.assertTiming(
                allEnded <= Math.max(2 * WRITE_SECONDS, LIMIT_SECONDS) + GRACE_SECONDS, "all after " + allEnded);
        assertEquals(200, slow.readersThatWereCut());
    }
}
