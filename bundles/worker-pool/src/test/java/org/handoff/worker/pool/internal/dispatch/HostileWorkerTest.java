package org.handoff.worker.pool.internal.dispatch;

import static org.handoff.testkit.Await.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.handoff.testkit.Await;
import org.handoff.testkit.Client;
import org.handoff.testkit.OpenDescriptors;
import org.handoff.worker.pool.internal.config.TestPoolConfig;
import org.handoff.worker.pool.internal.config.WorkerSettings;
import org.handoff.worker.pool.internal.launch.ShippedWorker;
import org.handoff.worker.pool.internal.launch.WorkerLauncher;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.worker.WorkerHandle;
import org.handoff.worker.protocol.Dispatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A pool of programs that break the protocol in every way, {@code src/test/python/hostile.py}, beside a pool of Java
 * workers: whatever they do costs themselves and their clients, and nobody else.
 */
class HostileWorkerTest extends PoolTest {

    private static final Path PROGRAM =
            Path.of("src", "test", "python", "hostile.py").toAbsolutePath();
    private static final String CONTEXT = "/hostile";
    private static final int LIVES = 40 * Integer.getInteger("handoff.long", 1);
    private static final int VICTIMS = 4;
    /** How long a client of a hostile worker waits for an answer, which need not come. */
    private static final int PATIENCE_MILLIS = 100;

    private static final WorkerSettings SETTINGS = ShippedWorker.settings(Dispatch.ADAPTIVE);

    private final AtomicInteger started = new AtomicInteger();
    private final ExecutorService starter = Executors.newSingleThreadExecutor();
    private final ExecutorService victims = Executors.newFixedThreadPool(VICTIMS);
    private volatile boolean stopped;
    private WorkerPool hostile;
    private OpenDescriptors before;

    @Override
    List<String> program() {
        return ShippedWorker.program();
    }

    @BeforeEach
    void serve() throws Exception {
        configure(Map.of("workers", 1));
        onLoop(() -> {
            pool.roll(new Generation(++generations, SETTINGS, List.of(FaultServer.plan(folder))), false, roller);
            return null;
        });
        await("the Java worker", () -> ready() == 1);
        assertTrue(new Load(monitor.port()).run().isAnswered());
        await("no connection", () -> monitor.component.status().open() == 0);
        before = OpenDescriptors.now();
    }

    /** Starts the others. @param arguments after the program's name */
    private void startHostile(int workers, String... arguments) throws Exception {
        WorkerLauncher launcher = new WorkerLauncher(
                (generation, own) -> {
                    started.incrementAndGet();
                    List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "-B", PROGRAM.toString()));
                    command.addAll(List.of(arguments));
                    return new ProcessBuilder(command);
                },
                folder.resolve("hostile"));
        hostile = onLoop(() -> new WorkerPool(
                "h",
                monitor.component.loop(),
                launcher,
                starter,
                TestPoolConfig.policy(Map.of("workers", workers, "crash_limit", "1000/1", "drain_timeout", 2))));
        monitor.add(hostile, 3, CONTEXT);
        onLoop(() -> {
            hostile.roll(new Generation(1, SETTINGS, List.of()), false, roller);
            return null;
        });
    }

    @AfterEach
    void end() throws Exception {
        if (stopped) {
            return;
        }
        stopped = true;
        List<Long> pids =
                onLoop(() -> hostile.workers().stream().map(WorkerHandle::pid).toList());
        onLoop(() -> {
            hostile.close();
            return null;
        });
        await("their end", () -> pids.stream().noneMatch(PoolTest::isAlive));
        starter.shutdown();
        assertTrue(starter.awaitTermination(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
        victims.shutdown();
        assertTrue(victims.awaitTermination(Await.DEADLINE.toSeconds(), TimeUnit.SECONDS));
    }

    @Test
    void whateverItDoesCostsItselfAndNobodyElse() throws Exception {
        long seed = Long.getLong("handoff.seed", System.nanoTime());
        System.out.println(LIVES + " hostile workers, seed " + seed + " (the property handoff.seed)");
        List<Long> good = pids();
        Set<String> ends = new TreeSet<>();
        startHostile(3, Long.toString(seed));
        for (int i = 0; i < VICTIMS; i++) {
            Random random = new Random(seed + i);
            victims.submit(() -> {
                while (!stopped) {
                    ask(random);
                }
            });
        }
        int answered = 0;
        while (started.get() < LIVES) {
            Load load = new Load(monitor.port()).run();
            assertTrue(load.isAnswered(), load::toString);
            answered++;
            assertEquals(good, pids());
            onLoop(hostile::past).forEach(one -> ends.add(one.end()));
        }
        System.out.println(
                "All of " + answered + " loads of others were answered; they ended by:\n" + String.join("\n", ends));
        for (String end : ends) {
            assertTrue(end.chars().noneMatch(Character::isISOControl), end);
        }
        end();
        await("no connection", () -> monitor.component.status().open() == 0);
        before.awaitNoMore();
        assertEquals(good, pids());
        assertTrue(new Load(monitor.port()).run().isAnswered());
    }

    /** A request to a hostile worker: what becomes of it is of no interest. */
    private void ask(Random random) {
        try (Client client = new Client(monitor.port())) {
            client.socket.setSoTimeout(PATIENCE_MILLIS);
            int bytes = random.nextInt(4) == 0 ? random.nextInt(300_000) : 0;
            client.send((bytes == 0 ? "GET " : "POST ") + CONTEXT + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + bytes
                    + "\r\n\r\n");
            client.send(new byte[random.nextInt(bytes + 1)]);
            if (random.nextInt(4) == 0) {
                client.get(CONTEXT + "/second");
            }
            // Not as a response: it may be no one, or without an end.
            byte[] piece = new byte[10_000];
            for (int i = 0; i < 3 && client.in().read(piece) >= 0; i++) {
                client.get(CONTEXT + "/next");
            }
        } catch (SocketTimeoutException e) {
            // No answer comes.
        } catch (IOException e) {
            // Or the end of the connection.
        }
    }

    @Test
    void aSocketThatItMadeBlockingHoldsNobodyUp() throws Exception {
        startHostile(1, "0", "fill_and_die");
        List<Client> deaf = new ArrayList<>();
        try (Client other = client()) {
            for (int life = 1; life <= 3; life++) {
                int lives = life;
                await(
                        "the next one",
                        () -> onLoop(() -> hostile.past().size() == lives - 1
                                && hostile.workers().stream().anyMatch(WorkerHandle::isOn)));
                Client client = new Client(monitor.port());
                deaf.add(client);
                // It takes nothing of what the worker sends, nor of the monitor's answer after the worker's death.
                client.get(CONTEXT);
                await("the worker's death", () -> onLoop(() -> hostile.past().size() == lives));
                assertEquals(200, other.get("/p/small").answer().status());
            }
        }
        for (Client client : deaf) {
            client.reset();
        }
    }

    @Test
    void whoAlwaysWantsToLeaveIsHeardOnce() throws Exception {
        startHostile(1, "0", "leave_often");
        await("it", () -> onLoop(() -> hostile.workers().stream().anyMatch(WorkerHandle::isOn)));
        try (Client client = new Client(monitor.port())) {
            assertEquals(200, client.get(CONTEXT).answer().status());
        }
        await(
                "it to retire",
                () -> onLoop(() -> !hostile.past().isEmpty()
                        && hostile.past().get(0).history().stream()
                                        .filter(event -> event.what().contains("by a signal"))
                                        .count()
                                == 1));
    }
}
