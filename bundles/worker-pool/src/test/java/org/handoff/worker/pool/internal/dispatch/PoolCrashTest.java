package org.handoff.worker.pool.internal.dispatch;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.plan.Generation;
import org.junit.jupiter.api.Test;

/** What a pool does with workers that end before they are ready, and with those that die again and again. */
class PoolCrashTest extends PoolTest {

    @Test
    void aWorkerThatEndsBeforeItIsReadyIsReplaced() throws Exception {
        roll(1, "once " + folder.resolve("tried"));
        assertEquals(1, startFailures.size());
        assertTrue(startFailures.get(0).startsWith("exit status 8"), startFailures.get(0));
    }

    @Test
    void aGenerationWhoseWorkersDieBeforeTheyAreReadyIsGivenUpWithTheReason() throws Exception {
        roll(1, "");
        List<Long> old = pids();
        configure(Map.of("workers", 1, "crash_limit", "3/60"));
        rollOnly("exit");
        await("the end of it", () -> !givenUp.isEmpty());
        assertEquals("exit status 7, last output: cannot start: exit", givenUp.get(0));
        assertEquals(3, startFailures.size());
        assertEquals(old, pids());
        try (PoolClient client = client().get("keep")) {
            assertEquals(old.get(0).toString(), client.body().split(" ")[1]);
        }
        roll(1, "new");
        assertEquals(1, givenUp.size());
    }

    @Test
    void aSuspectGenerationHasOneWorkerAndOneTry() throws Exception {
        configure(Map.of("workers", 4));
        onLoop(() -> {
            pool.roll(new Generation(++generations, settings("exit"), List.of()), true, roller);
            return null;
        });
        await("the end of it", () -> !givenUp.isEmpty());
        assertEquals(1, startFailures.size());
        onLoop(() -> {
            pool.roll(new Generation(++generations, settings(""), List.of()), true, roller);
            return null;
        });
        await("the others, as it is good", () -> ready() == 4);
    }

    @Test
    void aCrashLoopIs503AtOnceWithTheTimeOfTheNextProbeAndOneProbeAtATime() throws Exception {
        Path gone = folder.resolve("gone");
        configure(Map.of("workers", 2, "crash_limit", "2/60"));
        roll(2, "while-absent " + gone);
        assertTrue(gone.toFile().createNewFile());
        pids().forEach(PoolTest::kill);
        await("the crash loop", () -> !onLoop(pool::problem).isEmpty());
        assertTrue(
                problems.get(0).contains("killed") || problems.get(0).contains("exit status 137"), problems.toString());
        await("everybody to be dead", () -> pids().isEmpty());
        try (PoolClient client = client()) {
            for (int i = 0; i < 10; i++) {
                String response = client.get("keep").response();
                assertTrue(response.startsWith("HTTP/1.1 503 "), response);
                int retry = Integer.parseInt(response.replaceFirst("(?s).*\r\nRetry-After: (\\d+)\r\n.*", "$1"));
                assertTrue(retry >= 1 && retry <= 60, response);
            }
            await(
                    "two probes",
                    () -> onLoop(() -> pool.past().stream()
                                    .filter(one -> one.end().startsWith("exit status 9"))
                                    .count())
                            >= 2);
            assertTrue(pids().size() <= 1, "one at a time");
            assertTrue(gone.toFile().delete());
            await("the probe", () -> ready() == 1);
            assertTrue(client.get("keep").body().startsWith("p-"), "a probe serves");
            assertEquals(1, pids().size(), "nobody else until it holds");
            await("it to hold, and the others", () -> ready() == 2);
            assertEquals("", onLoop(pool::problem));
            assertEquals("", problems.get(problems.size() - 1));
        }
    }

    @Test
    void whoIsKilledByCommandDoesNotCount() throws Exception {
        configure(Map.of("workers", 1, "crash_limit", "1/60"));
        roll(1, "");
        for (int i = 0; i < 3; i++) {
            long pid = pids().get(0);
            onLoop(() -> {
                pool.workers().get(0).killByCommand();
                return null;
            });
            awaitReplaced(pid);
        }
        assertEquals(List.of(), problems);
        await("its end to be noted", () -> !onLoop(pool::past).isEmpty());
        assertTrue(onLoop(pool::past).get(0).end().contains("by command"));
    }

    @Test
    void aGenerationThatIsNotReadyInTimeIsGivenUp() throws Exception {
        configure(Map.of("workers", 1));
        roll(1, "");
        List<Long> serving = pids();
        configure(Map.of("workers", 1, "start_timeout", 1));
        rollOnly("never");
        await("the failure", () -> !startFailures.isEmpty());
        assertTrue(
                startFailures.get(0).startsWith("killed, it was not ready within start.timeout = 1 s"),
                startFailures.get(0));
        await("the generation to be given up", () -> !givenUp.isEmpty());
        assertEquals(1, startFailures.size(), "after one try");
        assertTrue(pauses.get(0) >= TimeUnit.SECONDS.toNanos(9), "it is tried again in a tenth of the time at most");
        await("nobody else to be left", () -> pids().equals(serving));
    }
}
