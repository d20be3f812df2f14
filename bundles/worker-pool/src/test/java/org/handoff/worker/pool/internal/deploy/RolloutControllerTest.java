package org.handoff.worker.pool.internal.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.handoff.monitor.api.Target;
import org.handoff.monitor.internal.TestMonitor;
import org.handoff.testkit.Await;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.dispatch.WaitingRooms;
import org.handoff.worker.pool.internal.plan.Code;
import org.handoff.worker.pool.internal.plan.ContextLine;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.plan.Want;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

class RolloutControllerTest {

    private static final WorkerSettings SETTINGS = WorkerSettings.of(TestPoolConfig.of(Map.of()), Map.of());

    private final Fakes fakes = new Fakes();
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
    /** To which generation; empty for: there is nothing to serve. */
    private final BlockingQueue<Optional<Generation>> rolls = new LinkedBlockingQueue<>();

    private final TestMonitor monitor = new TestMonitor();
    private final List<Want> wants = new CopyOnWriteArrayList<>();
    private RolloutController planner;

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws Exception {
        wants.add(new Want(
                "b",
                Version.emptyVersion,
                1,
                "C",
                "",
                List.of("/x"),
                new Code("b", "b 0.0.0 [1]", "C", List.of(folder.resolve("b.jar"))),
                ""));
        planner = new RolloutController(
                () -> List.copyOf(wants),
                new BundleStore(folder.resolve("store"))::keepOnly,
                executor,
                new ContextRegistrations(
                        fakes.context(),
                        "p",
                        connection -> {},
                        new WaitingRooms(monitor.component.loop(), () -> TestPoolConfig.policy(Map.of()))::open),
                (generation, suspect) -> rolls.add(Optional.ofNullable(generation)));
        planner.configure(SETTINGS, 1000);
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
        assertEquals(good + " serves", first.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));

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

    @Test
    void contextThatNobodyWantsIsServedForItsSettleTime() throws Exception {
        assertTrue(planner.accepts(nextRoll(), Map.of()));
        wants.clear();
        planner.roll();
        nextRoll();
        assertEquals(List.of(ContextLine.State.LEAVING.toString()), states());
        planner.configure(SETTINGS, 0);
        assertEquals(
                Optional.empty(),
                rolls.poll(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS),
                "there is nothing to serve");
        assertEquals(List.of(), states());
    }

    @Test
    void planIsMadeThoughChangesNeverEnd() throws Exception {
        nextRoll();
        wants.clear();
        long deadline = System.nanoTime() + Await.DEADLINE.toNanos();
        while (rolls.isEmpty() && System.nanoTime() - deadline < 0) {
            planner.changed();
        }
        assertFalse(rolls.isEmpty());
    }

    /** How it stands with the contexts, when the plan that is being made is there. */
    private List<Object> states() throws Exception {
        return executor.submit(() -> fakes.members.stream()
                        .<Object>map(member -> member.properties.get(Target.STATE))
                        .toList())
                .get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    private static String failure(CompletableFuture<String> result) {
        return assertThrows(ExecutionException.class, () -> result.get(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS))
                .getCause()
                .getMessage();
    }

    private Generation nextRoll() throws InterruptedException {
        return rolls.poll(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS).orElseThrow();
    }
}
