package org.handoff.worker.pool.internal.dispatch;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.handoff.testkit.Log;
import org.handoff.testkit.Signals;
import org.handoff.worker.pool.internal.plan.Code;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.plan.HandlerPlan;
import org.handoff.worker.pool.internal.supervision.WorkerReport;
import org.handoff.worker.pool.internal.supervision.WorkerState;
import org.handoff.worker.pool.internal.worker.WorkerHandle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A pool at work: who gets connections, who is started and who goes. */
class WorkerPoolTest extends PoolTest {

    // ---- connections

    @Test
    void aConnectionGivenBackIsServedAgain() throws Exception {
        roll(2, "");
        try (PoolClient client = client()) {
            for (int i = 0; i < 20; i++) {
                client.get("back").body();
            }
            await("the last one back", () -> connections() == 0);
            assertEquals(
                    20,
                    onLoop(() -> pool.workers().stream()
                            .mapToLong(WorkerHandle::requests)
                            .sum()));
        }
    }

    @Test
    void whatOneWorkerCannotTakeAnotherOneDoesAndItsSlotIsFreed() throws Exception {
        roll(2, "");
        for (int i = 0; i < 4; i++) {
            try (PoolClient client = client().get("not-taken-by-the-first")) {
                assertTrue(client.body().startsWith("p-2 "));
            }
            await("no slot in use", () -> connections() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"failed", "failed-as-told"})
    void aRequestIsNotServedAgainWhereItsConnectionFailsBehindTheResponse(String what) throws Exception {
        roll(2, "");
        try (PoolClient client = client()) {
            client.get(what).body();
            await("the connection to be back", () -> monitor.component.status().held() == 0);
            assertEquals(1, monitor.component.status().handedOff());
            client.get("back").body();
        }
    }

    @Test
    void connectionsThatFailAreCountedInTheLogOnceAMinute() throws Exception {
        roll(1, "");
        String line = "(pid " + pids().get(0) + ") has given up connections, ";
        try (PoolClient client = client()) {
            for (int i = 0; i < 3; i++) {
                client.get("failed").body();
                await(
                        "the connection to be back",
                        () -> monitor.component.status().held() == 0);
            }
        }
        assertEquals(1, Log.count(line + "1 so far"));
        assertEquals(1, Log.count(line));
        long minute = TimeUnit.MINUTES.toNanos(1);
        onLoop(() -> {
            pool.workers().get(0).check(System.nanoTime() + minute, minute);
            return null;
        });
        assertEquals(1, Log.count(line + "3 so far"));
        assertEquals(2, Log.count(line));
    }

    @Test
    void aRequestIsNotServedAgainWhereItsConnectionFailsWithAPartOfTheNextOne() throws Exception {
        roll(2, "");
        try (PoolClient client = client()) {
            client.send("GET /p/failed-at-next HTTP/1.1\r\nHost: h\r\n\r\nGET /p/ba");
            client.body();
            assertEquals(502, client.answer().status());
            assertEquals(1, monitor.component.status().handedOff());
        }
    }

    @Test
    void whatTwoWorkersCannotTakeIs503() throws Exception {
        roll(3, "");
        try (PoolClient client = client().get("not-taken")) {
            assertTrue(client.response().startsWith("HTTP/1.1 503 "));
        }
        await("no slot in use", () -> connections() == 0);
        assertEquals(2, monitor.component.status().handedOff());
    }

    @Test
    void whatWaitsForAFullControlSocketIsServedOnceThereIsRoom() throws Exception {
        roll(1, "");
        List<PoolClient> clients = new ArrayList<>();
        Signals.send(pids().get(0), "STOP");
        try {
            while (clients.size() - connections() < 50) {
                clients.add(client().get("keep"));
                await(
                        "the last one to be accepted",
                        () -> monitor.component.status().accepted() == clients.size());
            }
            assertTrue(connections() > 50, "in the socket: " + connections());
        } finally {
            Signals.send(pids().get(0), "CONT");
        }
        // Nobody gives back anything: that there is room is the only news that there is.
        for (PoolClient client : clients) {
            client.body();
        }
        for (PoolClient client : clients) {
            client.close();
        }
        await("no slot in use", () -> connections() == 0);
    }

    @Test
    void whatTheWorkersOfAClosedPoolLeaveComesBack() throws Exception {
        roll(2, "");
        List<Long> old = pids();
        try (PoolClient one = client();
                PoolClient other = client()) {
            one.get("keep").body();
            other.get("keep").body();
            onLoop(() -> {
                pool.close();
                return null;
            });
            await("the workers to leave", () -> old.stream().noneMatch(PoolTest::isAlive));
            await("the connections to be back", () -> monitor.component.status().held() == 0);
            // Nobody serves the pool's context now.
            assertTrue(one.get("keep").response().startsWith("HTTP/1.1 503 "));
            assertTrue(other.get("keep").response().startsWith("HTTP/1.1 503 "));
        }
    }

    @Test
    void aHangUpFreesTheSlot() throws Exception {
        roll(1, "");
        try (PoolClient client = client().get("handling")) {
            await("the hand-off", () -> connections() == 1);
        }
        await("the slot", () -> connections() == 0);
        assertEquals(1, ready());
    }

    // ---- generations

    @Test
    void rollingKeepsConnectionsAndEndsTheOldWorkers() throws Exception {
        roll(2, "");
        List<Long> old = pids();
        try (PoolClient client = client()) {
            client.get("keep").body();
            roll(1, "new");
            await("the old workers to leave", () -> old.stream().noneMatch(PoolTest::isAlive) && pids().size() == 1);
            String body = client.get("keep").body();
            assertEquals(pids().get(0).toString(), body.split(" ")[1]);
        }
    }

    @Test
    void ofABigPoolAFewWorkersStartAtATime() throws Exception {
        int few = WorkerPool.STARTING_AT_ONCE;
        configure(Map.of("workers", few + 3));
        rollOnly("never");
        await("the first ones to start", () -> pids().size() == few);
        onLoop(() -> {
            pool.balance();
            return null;
        });
        blocking.submit(() -> {}).get();
        assertEquals(few, pids().size());
    }

    @Test
    void aGenerationThatIsRefusedOrGivenUpReplacesNothing() throws Exception {
        roll(1, "");
        List<Long> old = pids();
        accepts = false;
        rollOnly("refused");
        await("the new one to come and to leave", () -> !onLoop(pool::past).isEmpty() && pids().equals(old));
        accepts = true;
        configure(Map.of("workers", 2));
        await("another of the present one", () -> ready() == 2);
        rollOnly("never");
        await("all to start", () -> pids().size() == 4);
        accepts = false;
        rollOnly("refused");
        await("the given up ones to leave", () -> pids().size() == 2);
        try (PoolClient client = client().get("keep")) {
            assertTrue(pids().contains(Long.valueOf(client.body().split(" ")[1])));
            assertTrue(pids().contains(old.get(0)));
        }
    }

    @Test
    void withoutHandlersNobodyIsLeft() throws Exception {
        roll(2, "");
        onLoop(() -> {
            pool.rollToNothing();
            return null;
        });
        await("all to leave", () -> pids().isEmpty());
        try (PoolClient client = client().get("keep")) {
            assertTrue(client.response().startsWith("HTTP/1.1 503 "));
        }
    }

    @Test
    void aPoolThatClosesWhileWorkersStartLeavesNone() throws Exception {
        rollOnly("never");
        await("both", () -> pids().size() == 2);
        List<Long> pids = pids();
        onLoop(() -> {
            pool.close();
            return null;
        });
        await("both to exit", () -> pids.stream().noneMatch(PoolTest::isAlive));
        await("their folders to go", () -> folder.resolve("workers").toFile().list().length == 0);
    }

    @Test
    void anotherWorkerIsTriedForAMissingHandlerThoughARollHasFailedMeanwhile() throws Exception {
        Path as = Files.writeString(folder.resolve("as"), "");
        configure(Map.of("workers", 1, "crash_limit", "2/60"));
        onLoop(() -> {
            HandlerPlan handler = new HandlerPlan(new Code("one", "one", null, List.of(as)), List.of("/p"), "");
            pool.roll(new Generation(++generations, settings("as " + as), List.of(handler)), false, roller);
            return null;
        });
        await("a worker", () -> ready() == 1);
        Files.writeString(as, "partial");
        long whole = pids().get(0);
        kill(whole);
        await("a partial worker", () -> !pids().contains(whole) && ready() == 1);
        try (PoolClient client = client().get("keep")) {
            assertTrue(client.response().startsWith("HTTP/1.1 503 "));
        }
        Files.writeString(as, "exit");
        await("attempts to fail", () -> onLoop(() -> pool.problem().startsWith("crash-looping")));
        rollOnly("exit");
        await("the roll to fail", () -> !givenUp.isEmpty());
        await("the last attempt to fail", () -> pids().size() == 1);
        Files.writeString(as, "");
        try (PoolClient client = client()) {
            await("another worker", () -> client.get("back").response().startsWith("HTTP/1.1 200 "));
        }
    }

    // ---- the size

    @Test
    void aChangedNumberOfWorkersTakesEffectAtOnceWithoutARoll() throws Exception {
        roll(1, "");
        long first = pids().get(0);
        try (PoolClient client = client()) {
            client.get("keep").body();
            configure(Map.of("workers", 3));
            await("three", () -> ready() == 3);
            assertTrue(pids().contains(first));
            configure(Map.of("workers", 1));
            await("one", () -> pids().size() == 1);
            assertEquals(List.of(first), pids(), "the one with a connection stays");
        }
    }

    @Test
    void anIdlePoolShrinksToNothingAndTheFirstRequestWaitsForTheStart() throws Exception {
        roll(2, "");
        configure(Map.of("workers", 2, "min_workers", 0, "idle_timeout", 1));
        for (int i = 0; i < 2; i++) {
            await("nobody", () -> pids().isEmpty());
            try (PoolClient client = client()) {
                assertTrue(client.get("keep").body().startsWith("p-"));
                assertEquals(1, ready());
            }
        }
        assertEquals(List.of(), problems);
    }

    @Test
    void aPoolWhoseConnectionsWaitGrowsUpToItsMostAndShrinksAgain() throws Exception {
        configure(Map.of("workers", 1, "max_workers", 2, "idle_timeout", 1));
        roll(1, "");
        WorkerHandle first = onLoop(() -> pool.workers().get(0));
        assertTrue(onLoop(first::off));
        try (PoolClient one = client().get("keep");
                PoolClient two = client().get("keep")) {
            assertTrue(one.body().startsWith("p-2 "), "by the one that was started for it");
            assertTrue(two.body().startsWith("p-2 "));
            assertTrue(onLoop(first::on) || first.state() != WorkerState.OFF, "unless it went, being idle");
        }
        await("one to be left", () -> pids().size() == 1 && onLoop(pool::size) == 1);
    }

    // ---- health

    @Test
    void aHandlerThatTakesTooLongIsDumpedAndKilledAndItsClientIs504() throws Exception {
        configure(Map.of("workers", 2, "request_timeout", 3));
        roll(2, "");
        try (PoolClient stuck = client().get("hang");
                PoolClient other = client()) {
            await(
                    "the hang",
                    () -> onLoop(() -> pool.workers().stream()
                            .anyMatch(worker -> worker.report("p", "").handling() != 0)));
            other.get("back").body();
            String response = stuck.response();
            assertTrue(response.startsWith("HTTP/1.1 504 "), response);
            other.get("back").body();
        }
        await("its end", () -> !onLoop(pool::past).isEmpty());
        WorkerReport dead = onLoop(pool::past).get(0);
        assertTrue(dead.end().contains("request.timeout = 3 s"), dead.end());
        await("another worker", () -> ready() == 2);
    }

    @Test
    void aHandlerThatEndsWhileTheDumpIsWrittenSavesItsWorker() throws Exception {
        configure(Map.of("workers", 1, "request_timeout", 1));
        roll(1, "");
        List<Long> pids = pids();
        try (PoolClient client = client().get("hang-until-dump")) {
            assertTrue(client.body().startsWith("p-"));
            assertTrue(client.get("keep").body().startsWith("p-"), "it goes on");
        }
        assertEquals(pids, pids());
    }

    @Test
    void aStoppedWorkerIsNoticedAndItsUntakenConnectionIsServedByAnother() throws Exception {
        configure(Map.of("workers", 2, "heartbeat", 2));
        roll(2, "");
        long stopped = pids().get(0);
        assertEquals(
                0,
                new ProcessBuilder("kill", "-STOP", Long.toString(stopped))
                        .start()
                        .waitFor());
        try (PoolClient one = client().get("keep");
                PoolClient two = client().get("keep")) {
            assertTrue(one.body().startsWith("p-"));
            assertTrue(two.body().startsWith("p-"));
        }
        await("its end", () -> !isAlive(stopped));
        await("another one", () -> ready() == 2);
        assertTrue(onLoop(pool::past).get(0).end().contains("heartbeat = 2 s"));
    }

    @Test
    void aStallOfTheMonitorKillsNobody() throws Exception {
        configure(Map.of("workers", 2, "heartbeat", 4));
        roll(2, "");
        List<Long> pids = pids();
        for (int i = 0; i < 2; i++) {
            onLoop(() -> {
                // The loop is kept from everything for longer than a heartbeat.
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(6));
                return null;
            });
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
            await("some looks at the workers", () -> System.nanoTime() - end > 0);
        }
        assertEquals(pids, pids());
    }

    @Test
    void aRetiringWorkerThatDiesIsNotSaidToHaveRetired() throws Exception {
        roll(1, "");
        long pid = pids().get(0);
        try (PoolClient client = client().get("never-back")) {
            await("the hand-off", () -> connections() == 1);
            onLoop(() -> pool.recycle(pool.workers().get(0)));
            await(
                    "it to retire",
                    () -> onLoop(() -> pool.workers().stream()
                            .anyMatch(worker -> worker.pid() == pid && worker.state() == WorkerState.RETIRING)));
            kill(pid);
            await("its end", () -> onLoop(() -> !pool.past().isEmpty()));
            assertTrue(onLoop(pool::past).get(0).end().startsWith("exit status 137"));
        }
    }
}
