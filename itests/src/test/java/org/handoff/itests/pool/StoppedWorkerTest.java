package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.loss.TestedPool;
import org.handoff.testkit.Signals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A worker process that is stopped (SIGSTOP): it lives and does nothing. */
@ExtendWith(OurKaraf.class)
class StoppedWorkerTest {

    private static final int CLIENTS = 10;

    private final Karaf karaf;

    StoppedWorkerTest(Karaf karaf) {
        this.karaf = karaf;
    }

    /** Of all kinds at the same time, as what takes long is to wait for {@code heartbeat}. */
    @Test
    void itIsNoticedAndReplacedAndWhatItHadNotTakenIsServedByOthers() throws Exception {
        List<TestedPool> pools = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS * TestedPool.Kind.values().length);
        try {
            for (TestedPool.Kind kind : TestedPool.Kind.values()) {
                pools.add(new TestedPool(karaf, kind));
            }
            List<Stopped> stopped = new ArrayList<>();
            for (TestedPool pool : pools) {
                pool.awaitOn(2);
                stopped.add(new Stopped(pool, threads));
            }
            for (Stopped one : stopped) {
                one.check();
            }
        } finally {
            threads.shutdown();
            for (TestedPool pool : pools) {
                pool.close();
            }
        }
    }

    /** A pool of two workers, one of which has just been stopped, with clients. */
    private final class Stopped {

        private final TestedPool pool;
        private final ProcessHandle process;
        private final long begin = System.nanoTime();
        /** Whether the stopped one was still there when each was answered. */
        private final List<Future<Boolean>> answers = new ArrayList<>();

        Stopped(TestedPool pool, ExecutorService threads) throws Exception {
            this.pool = pool;
            process = pool.processes().get(0);
            Signals.send(process.pid(), "STOP");
            // All at once: some of them come to the stopped one.
            for (int i = 0; i < CLIENTS; i++) {
                answers.add(threads.submit(() -> {
                    assertEquals(200, karaf.get(pool.hello()).status());
                    return process.isAlive();
                }));
            }
        }

        void check() throws Exception {
            int meanwhile = 0;
            for (Future<Boolean> answer : answers) {
                meanwhile += answer.get() ? 1 : 0;
            }
            System.out.printf(
                    Locale.ROOT,
                    "a stopped worker of pool %s: all of %d requests answered after %.2f s, %d of them while it was "
                            + "still there%n",
                    pool.name(),
                    CLIENTS,
                    (System.nanoTime() - begin) / 1e9,
                    meanwhile);
            assertTrue(meanwhile > 0, "the other worker serves meanwhile");
            assertTrue(meanwhile < CLIENTS, "some had come to the stopped one");
            pool.awaitOn(2);
            assertFalse(pool.pids().contains(process.pid()));
        }
    }
}
