package org.handoff.worker.pool.internal.dispatch;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a pool and its processes when the monitor's loop, which the pool is on, is made anew. */
@Timeout(300)
class MonitorRestartTest extends PoolTest {

    @Test
    void afterAnErrorOnTheLoopThePoolServesFromTheNextOne() throws Exception {
        roll(2, "");
        List<Long> former = pids();
        // As the component runtime does it for pools, whose monitor has gone and come.
        withdrawn = () -> onLoop(() -> {
            pool.close();
            return null;
        });
        published = this::startAnew;
        try (PoolClient idle = client()) {
            idle.get("keep").body();
            monitor.component.loop().execute(() -> {
                throw new OutOfMemoryError("by the test");
            });
            await("the new start", () -> monitor.component.status().restarts() == 1);
            withdrawn = () -> {};
            assertTrue(idle.atEnd());
            await("the former workers to exit", () -> former.stream().noneMatch(PoolTest::isAlive));
            assertEquals(2, ready());
            try (PoolClient next = client()) {
                String answer = next.get("keep").body();
                assertTrue(pids().stream().anyMatch(pid -> answer.endsWith(" " + pid)), answer);
                // And the pool still looks after its workers.
                kill(pids().get(0));
                await("another worker", () -> ready() == 2 && pids().stream().allMatch(PoolTest::isAlive));
            }
        }
    }

    private void startAnew() {
        try {
            create();
            roll(2, "");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
