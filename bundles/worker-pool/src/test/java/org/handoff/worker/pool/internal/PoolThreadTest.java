package org.handoff.worker.pool.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.handoff.testkit.Await;
import org.junit.jupiter.api.Test;

class PoolThreadTest {

    @Test
    void whatIsPlannedForLaterKeepsNoPoolFromStopping() throws Exception {
        Queue<String> done = new ConcurrentLinkedQueue<>();
        ScheduledExecutorService executor = PoolThread.start("a-pool");
        executor.schedule(() -> done.add("later"), 1, TimeUnit.DAYS);
        executor.execute(() -> done.add("due"));
        executor.shutdown();
        assertTrue(executor.awaitTermination(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS), "it has ended");
        assertEquals(List.of("due"), List.copyOf(done));
    }
}
