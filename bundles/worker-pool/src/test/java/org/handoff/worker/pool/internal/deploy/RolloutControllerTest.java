package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.handoff.monitor.internal.PoolTestMonitor;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.dispatch.WaitingRooms;
import org.handoff.worker.pool.internal.plan.Code;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.plan.Want;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

class RolloutControllerTest {

    private static final int DEADLINE_SECONDS = 30;

    private final Fakes fakes = new Fakes();
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    private final BlockingQueue<Generation> rolls = new LinkedBlockingQueue<>();
    private final PoolTestMonitor monitor = new PoolTestMonitor();
    private RolloutController planner;

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws Exception {
        Want want = new Want(
                "b",
                Version.emptyVersion,
                1,
                "C",
                "",
                List.of("/x"),
                new Code("b", "b 0.0.0 [1]", "C", List.of(folder.resolve("b.jar"))),
                "");
        planner = new RolloutController(
                () -> List.of(want),
                new BundleStore(folder.resolve("store"))::keepOnly,
                executor,
                new ContextRegistrations(
                        fakes.context(),
                        "p",
                        connection -> {},
                        new WaitingRooms(monitor.component.loop(), () -> TestPoolConfig.policy(Map.of()))::open),
                (generation, suspect) -> rolls.add(generation));
        planner.configure(WorkerSettings.of(TestPoolConfig.of(Map.of()), Map.of()), 5);
    }

    @AfterEach
    void stop() {
        executor.shutdownNow();
        monitor.close();
    }

    @Test
    void rollByCommandTellsWhatHasBecomeOfTheNewGeneration() throws Exception {
        planner.startFailed(nextRoll(), "nobody asks");
        CompletableFuture<String> first = planner.roll();
        Generation good = nextRoll();
        assertFalse(first.isDone());
        assertTrue(planner.accepts(good, Map.of()));
        assertEquals(good + " serves", first.get(DEADLINE_SECONDS, TimeUnit.SECONDS));

        CompletableFuture<String> second = planner.roll();
        assertFalse(planner.accepts(nextRoll(), Map.of(1, "no package x")), "it worked before");
        assertTrue(failure(second).contains("no package x"));

        CompletableFuture<String> third = planner.roll();
        planner.crashes(nextRoll(), "exit status 3", 0);
        assertTrue(failure(third).contains("exit status 3"));

        CompletableFuture<String> fourth = planner.roll();
        planner.roll();
        assertTrue(failure(fourth).contains("given up"));
    }

    private static String failure(CompletableFuture<String> result) {
        return assertThrows(ExecutionException.class, () -> result.get(DEADLINE_SECONDS, TimeUnit.SECONDS))
                .getCause()
                .getMessage();
    }

    private Generation nextRoll() throws InterruptedException {
        return rolls.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }
}
