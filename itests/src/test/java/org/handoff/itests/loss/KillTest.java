package org.handoff.itests.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.handoff.itests.karaf.Karaf;
import org.handoff.itests.karaf.OurKaraf;
import org.handoff.itests.karaf.Runs;
import org.handoff.itests.load.MarkedLoad;
import org.handoff.testkit.OpenDescriptors;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What is lost with a worker that is killed at any instant: the request whose handler ran, and nothing else; without a
 * journal, also those that it had begun to read, and what it had not written.
 */
@ExtendWith(OurKaraf.class)
class KillTest {

    private static final int CLIENTS = 64;
    private static final int WORKERS = 4;
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private final Karaf karaf;

    KillTest(Karaf karaf) {
        this.karaf = karaf;
    }

    @ParameterizedTest
    @EnumSource
    void killingAWorkerEverySecondLosesOnlyTheRequestsWhoseHandlersRan(TestedPool.Kind kind) throws Exception {
        long seed = System.nanoTime();
        System.out.println("kill -9 of random workers of " + kind + ", seed " + seed);
        Random random = new Random(seed);
        try (TestedPool pool =
                new TestedPool(karaf, kind, "workers", Integer.toString(WORKERS), "crash.limit", "1000/1")) {
            String marks = pool.serveMarks();
            pool.awaitOn(WORKERS);
            OpenDescriptors descriptors = karaf.descriptors();
            int kills = 0;
            DeathLog deaths = new DeathLog(karaf);
            MarkedLoad load = new MarkedLoad(karaf.httpPort(), CLIENTS, marks, folder);
            try (load) {
                long end =
                        System.nanoTime() + kind.lasting(Duration.ofSeconds(15)).toNanos();
                while (System.nanoTime() - end < 0) {
                    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                    List<ProcessHandle> alive = pool.processes();
                    if (!alive.isEmpty()) {
                        alive.get(random.nextInt(alive.size())).destroyForcibly();
                        kills++;
                    }
                }
                karaf.await("answers", () -> load.answered().size() > 10 * CLIENTS);
            }
            // By then the log says of all of them how they died.
            pool.awaitOn(WORKERS);
            check(kind, load, kills, deaths);
            descriptors.awaitNoMore();
        }
    }

    private static void check(TestedPool.Kind kind, MarkedLoad load, int kills, DeathLog deaths) throws Exception {
        System.out.printf(
                Locale.ROOT,
                "%s, %d kept connections, %d workers killed: %d requests answered, %d answered 502, "
                        + "%d lost otherwise; %s%n",
                kind,
                CLIENTS,
                kills,
                load.answered().size(),
                load.lost().size(),
                load.broken().size(),
                load.latencies());
        Set<String> begun = new HashSet<>();
        for (List<String> names : load.begun().values()) {
            for (String name : names) {
                assertTrue(begun.add(name), name + " was begun twice");
            }
        }
        assertTrue(begun.containsAll(load.answered()));
        assertEquals(List.of(), deaths.loopErrors());
        // Killed between the call of its handler and the note that this makes first, a request may have no note.
        assertEquals(load.lost().size(), deaths.lost() + deaths.unread(), "as Karaf's log says");
        if (kind.keepsJournal()) {
            assertEquals(List.of(), load.broken(), "each loss is an answer 502, and no other connection ends");
            assertTrue(load.lost().size() <= kills, "one for each kill at most: " + load.lost());
            assertEquals(0, deaths.unread());
            assertEquals(0, deaths.cut());
        } else {
            // A client that asks for nothing more does not notice that its connection was cut.
            assertTrue(load.broken().size() <= deaths.cut(), load.broken()::toString);
        }
        Runs.assertTiming(
                load.latencies().percentile(100) < LONGEST_WAIT.toMillis(),
                load.latencies().toString());
    }
}
