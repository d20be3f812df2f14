package org.handoff.itests.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import org.handoff.itests.karaf.Http;
import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.loss.TestedPool;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A worker process that is stopped (SIGSTOP): it lives and does nothing. */
@ExtendWith(OurKaraf.class)
class StoppedWorkerTest {

    private static final int CLIENTS = 10;

    private final Karaf karaf;

    StoppedWorkerTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @ParameterizedTest
    @EnumSource
    void itIsNoticedAndReplacedAndWhatItHadNotTakenIsServedByOthers(TestedPool.Kind kind) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try (TestedPool pool = new TestedPool(karaf, kind)) {
            pool.awaitOn(2);
            long pid = pool.pids().iterator().next();
            assertEquals(
                    0,
                    new ProcessBuilder("kill", "-STOP", Long.toString(pid))
                            .start()
                            .waitFor());
            ProcessHandle stopped = ProcessHandle.of(pid).orElseThrow();
            long begin = System.nanoTime();
            AtomicInteger meanwhile = new AtomicInteger();
            List<CompletableFuture<Void>> answers = new ArrayList<>();
            // All at once: some of them come to the stopped one.
            for (int i = 0; i < CLIENTS; i++) {
                answers.add(CompletableFuture.runAsync(
                        () -> {
                            assertEquals(200, get(pool.hello()).status());
                            meanwhile.addAndGet(stopped.isAlive() ? 1 : 0);
                        },
                        threads));
            }
            answers.forEach(CompletableFuture::join);
            System.out.printf(
                    Locale.ROOT,
                    "a stopped worker of %s: all of %d requests answered after %.2f s, %d of them while it was still "
                            + "there%n",
                    kind,
                    CLIENTS,
                    (System.nanoTime() - begin) / 1e9,
                    meanwhile.get());
            assertTrue(meanwhile.get() > 0, "the other worker serves meanwhile");
            assertTrue(meanwhile.get() < CLIENTS, "some had come to the stopped one");
            pool.awaitOn(2);
            assertFalse(pool.pids().contains(pid));
        } finally {
            threads.shutdown();
        }
    }

    private Http.Answer get(String path) {
        try {
            return karaf.get(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
