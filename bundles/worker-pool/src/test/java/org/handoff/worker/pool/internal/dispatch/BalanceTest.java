package org.handoff.worker.pool.internal.dispatch;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.handoff.testkit.Await;
import org.handoff.testkit.EvenShares;
import org.handoff.testkit.TestBundle;
import org.handoff.worker.pool.handlers.Cold;
import org.handoff.worker.pool.internal.launch.ShippedWorker;
import org.handoff.worker.pool.internal.plan.Code;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.plan.HandlerPlan;
import org.handoff.worker.protocol.Dispatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * All of four equal workers, real ones in the jar that is shipped, answer as many requests as each other. Their
 * handler's first request takes long, after which a worker takes one request at a time. SharesTest looks at each 5 s of
 * all kinds of load, in a time that it simulates.
 */
class BalanceTest extends PoolTest {

    private static final int WORKERS = 4;
    private static final long THINK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final List<Thread> clients = new ArrayList<>();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    @AfterEach
    void stop() throws Exception {
        stopped = true;
        for (Thread client : clients) {
            client.join(Await.DEADLINE.toMillis());
        }
    }

    @Override
    List<String> program() {
        return ShippedWorker.program();
    }

    @Override
    boolean monitorReads() {
        return false;
    }

    @Test
    void aSlowFirstRequestKeepsNoNewConnectionsFromAWorker() throws Exception {
        serve(WORKERS, Dispatch.ADAPTIVE);
        for (int i = 0; i < 3; i++) {
            client(() -> {
                while (!stopped) {
                    try (PoolClient client = client()) {
                        client.get("").body();
                    }
                }
                return null;
            });
        }
        assertBalanced("new connections, adaptive");
    }

    @Test
    void keptConnectionsOfAllRatesComeToNewWorkersToo() throws Exception {
        serve(WORKERS / 2, Dispatch.CONNECTION);
        for (int i = 0; i < 6; i++) {
            long think = i * THINK_NANOS;
            client(() -> {
                try (PoolClient client = client()) {
                    while (!stopped) {
                        client.get("").body();
                        LockSupport.parkNanos(think);
                    }
                }
                return null;
            });
        }
        await("a load", () -> requests().values().stream().allMatch(answered -> answered > 100));
        configure(Map.of("workers", WORKERS));
        await("the new workers", () -> ready() == WORKERS);
        // By then their code is compiled, however busy the machine is with other things.
        await("their first answers", () -> requests().values().stream().allMatch(answered -> answered > 500));
        assertBalanced("kept connections of six rates, twice as many workers, connection");
    }

    private void serve(int workers, Dispatch dispatch) throws Exception {
        configure(Map.of("workers", workers));
        HandlerPlan handler =
                new HandlerPlan(new Code("cold", "cold", Cold.class.getName(), List.of(bundle())), List.of("/p"), "");
        onLoop(() -> {
            pool.roll(new Generation(++generations, ShippedWorker.settings(dispatch), List.of(handler)), false, roller);
            return null;
        });
        await("the workers", () -> ready() == workers);
    }

    private Path bundle() throws IOException {
        return new TestBundle("cold").component(Cold.class, "/p", "").write(folder);
    }

    private void client(Callable<Void> load) {
        Thread client = new Thread(() -> {
            try {
                load.call();
            } catch (Exception | AssertionError e) {
                failures.add(e.toString());
            }
        });
        clients.add(client);
        client.start();
    }

    private Map<String, Long> requests() {
        return onLoop(() -> {
            Map<String, Long> requests = new TreeMap<>();
            pool.workers().forEach(worker -> requests.put(worker.id(), worker.requests()));
            return requests;
        });
    }

    private void assertBalanced(String load) {
        await("first answers", () -> requests().values().stream().allMatch(answered -> answered > 0));
        EvenShares.await(load, this::requests);
        assertEquals(List.of(), List.copyOf(failures));
        assertEquals(WORKERS, requests().size());
    }
}
