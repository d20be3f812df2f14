package org.handoff.worker.pool.internal.dispatch;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.plan.Generation;
import org.junit.jupiter.api.Test;

/** Which workers of a pool are replaced: by command, for their requests, their age or their memory. */
class PoolRecyclingTest extends PoolTest {

    @Test
    void aWorkerThatHasHadItsRequestsIsReplacedBeforeItGoes() throws Exception {
        configure(Map.of("workers", 1, "max_requests", 10, "max_requests_jitter", 0));
        roll(1, "");
        String first = pids().get(0).toString();
        try (PoolClient client = client()) {
            for (int i = 0; i < 9; i++) {
                assertEquals(first, client.get("back").body().split(" ")[1], "request " + i);
            }
            awaitReplaced(Long.parseLong(first));
            await("its end", () -> !onLoop(pool::past).isEmpty());
            assertTrue(onLoop(pool::past).get(0).history().stream()
                    .anyMatch(event -> event.what().equals("retiring")));
        }
    }

    @Test
    void aSpentWorkerIsReplacedAtOnce() throws Exception {
        configure(Map.of("workers", 1, "max_requests", 4, "max_requests_jitter", 0));
        roll(1, "");
        try (PoolClient client = client()) {
            String before = "";
            for (int i = 0; i < 12; i++) {
                String body = client.get("spend").body();
                assertEquals(i % 4 + 1 + "", body.split(" ")[2], body);
                assertEquals(i % 4 != 0, body.split(" ")[1].equals(before), body);
                before = body.split(" ")[1];
            }
        }
        await(
                "all spent ones to have retired",
                () -> onLoop(() -> pool.past().stream()
                                .filter(one -> one.end().startsWith("exit status 0"))
                                .count())
                        == 3);
        assertEquals(List.of(), problems);
    }

    @Test
    void aWorkerThatIsToEndServesUntilItsReplacementIsReady() throws Exception {
        roll(1, "");
        try (PoolClient client = client()) {
            long first = Long.parseLong(client.get("leave").body().split(" ")[1]);
            await("its replacement", () -> {
                assertTrue(ready() >= 1, "it has gone before its replacement was ready");
                return Long.parseLong(client.get("back").body().split(" ")[1]) != first;
            });
            await(
                    "its end",
                    () -> onLoop(() -> pool.past().stream()
                            .anyMatch(one -> one.pid() == first && one.end().startsWith("exit status 0"))));
        }
        assertEquals(List.of(), problems);
    }

    @Test
    void recyclingTakesOneAtATimeOrATenth() throws Exception {
        roll(4, "");
        List<Long> old = pids();
        int[] most = {0};
        onLoop(() -> {
            List.copyOf(pool.workers()).forEach(worker -> assertTrue(pool.recycle(worker)));
            return null;
        });
        await("all to be replaced", () -> {
            most[0] = Math.max(most[0], pids().size());
            assertTrue(ready() >= 4);
            return pids().stream().noneMatch(old::contains) && pids().size() == 4;
        });
        assertTrue(most[0] <= 6, "starting and leaving at once: " + most[0]);
    }

    @Test
    void anOldWorkerIsReplaced() throws Exception {
        configure(Map.of("workers", 1, "max_age", 2, "max_age_jitter", 50));
        roll(1, "");
        long first = pids().get(0);
        awaitReplaced(first);
        configure(Map.of("workers", 1));
    }

    @Test
    void aWorkerThatIsTooBigIsReplacedAndSoIsTheBiggestOfAPoolThatIs() throws Exception {
        configure(Map.of("workers", 1, "max_memory", "1m"));
        roll(1, "");
        long first = pids().get(0);
        awaitReplaced(first);
        long second = pids().get(0);
        configure(Map.of("workers", 1, "max_memory_pool", "1m"));
        awaitReplaced(second);
        configure(Map.of("workers", 1, "max_memory", "1g", "max_memory_pool", "2g"));
        await("one to be left", () -> pids().size() == 1);
    }

    @Test
    void anOldWorkerThatCannotBeReplacedGoesOnUntilItCan() throws Exception {
        goesOnUntilItCanBeReplaced("max_age", 1);
    }

    @Test
    void aWorkerThatIsTooBigAndCannotBeReplacedGoesOnUntilItCan() throws Exception {
        goesOnUntilItCanBeReplaced("max_memory", "1m");
    }

    private void goesOnUntilItCanBeReplaced(String limit, Object value) throws Exception {
        WorkerSettings like = settings("");
        Path java = Files.createSymbolicLink(folder.resolve("java"), like.java());
        WorkerSettings settings = new WorkerSettings(
                java,
                like.javaOptions(),
                like.heap(),
                like.http(),
                like.environment(),
                like.properties(),
                like.runAs(),
                like.warmup(),
                like.dispatch(),
                like.sessions());
        configure(Map.of("workers", 1));
        onLoop(() -> {
            pool.roll(new Generation(++generations, settings, List.of()), false, roller);
            return null;
        });
        await("the worker", () -> ready() == 1);
        long old = pids().get(0);
        Files.delete(java);
        configure(Map.of("workers", 1, limit, value));
        await(
                "what keeps its replacement from starting",
                () -> problems.stream().anyMatch(one -> one.contains(java.toString())));
        try (PoolClient client = client()) {
            for (int i = 0; i < 10; i++) {
                assertEquals(Long.toString(old), client.get("back").body().split(" ")[1]);
            }
        }
        Files.createSymbolicLink(java, like.java());
        awaitReplaced(old);
        configure(Map.of("workers", 1));
        Files.delete(java);
    }

    @Test
    void aWorkerIsToldItsNumberOfRequestsTheTimeToFinishAndTheUsersVariables() throws Exception {
        configure(Map.of("workers", 1, "max_requests", 1000, "max_requests_jitter", 50, "drain_timeout", 7));
        roll(1, "");
        try (PoolClient client = client()) {
            String[] told = client.get("environment").body().split(",");
            assertTrue(Integer.parseInt(told[0]) >= 500 && Integer.parseInt(told[0]) <= 1000, told[0]);
            assertEquals("7", told[1]);
            assertEquals("a value", told[2]);
        }
    }
}
