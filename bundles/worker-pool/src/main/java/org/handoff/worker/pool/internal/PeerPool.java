package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import org.handoff.worker.pool.api.PeerAgent;
import org.handoff.worker.pool.api.PeerProcess;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool whose workers are LRWP peers: starts and replaces their processes, while the agent brings them their
 * requests. Changed settings have the workers recycled, so that those there are serve until a new one has registered.
 * On the event loop only; what blocks is left to an executor.
 */
final class PeerPool implements Staff<PeerWorker>, PeerWorker.Supervisor {

    private static final Logger LOG = LoggerFactory.getLogger(PeerPool.class);

    private static final int TICKS_A_SECOND = 4;
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1) / TICKS_A_SECOND;

    /** How many workers are remembered after their end. */
    private static final int PAST = 20;

    /** A program's exit status after SIGTERM, which it was sent when it retired. */
    private static final int TERMINATED = 128 + 15;

    private final String name;
    private final IoEventLoop loop;
    private final Executor blocking;
    private final Path wrapper;
    private final Future<?> tick;
    private final List<PeerWorker> workers = new ArrayList<>();
    /** The ids of the workers whose processes are being started. */
    private final Set<String> launching = new HashSet<>();
    private final Deque<WorkerReport> past = new ArrayDeque<>();
    private final Recycling<PeerWorker> recycling = new Recycling<>();
    private final PoolSize size;
    private PoolPolicy policy;
    private PeerSettings settings;
    private CrashLoop crashes = new CrashLoop();
    /** The number of the settings, for people. */
    private int generation = 1;
    /** Null while there is none. */
    private PeerAgent agent;
    private int ticks;
    private int lastNumber;
    private boolean closed;

    /**
     * @param blocking starts processes
     * @param wrapper the jar of the CGI wrapper
     */
    PeerPool(String name, IoEventLoop loop, Executor blocking, Path wrapper, PoolPolicy policy,
            PeerSettings settings) {
        this.name = name;
        this.loop = loop;
        this.blocking = blocking;
        this.wrapper = wrapper;
        this.policy = policy;
        this.size = new PoolSize(policy);
        this.settings = settings;
        this.tick = loop.scheduleWithFixedDelay(this::tick, TICK_NANOS, TICK_NANOS, TimeUnit.NANOSECONDS);
    }

    /** The agent has come, or has gone and has ended all its processes. @param present null for none */
    void agent(PeerAgent present) {
        agent = present;
        crashes = new CrashLoop();
        balance();
    }

    @Override
    public void configure(PoolPolicy changed) {
        policy = changed;
        size.configure(changed);
        balance();
    }

    /** Takes changed settings: workers with others are replaced. */
    void configure(PeerSettings changed) {
        if (changed.equals(settings)) {
            return;
        }
        settings = changed;
        generation++;
        crashes = new CrashLoop();
        for (PeerWorker worker : List.copyOf(workers)) {
            if (worker.isStarting()) {
                worker.retire();
            } else {
                recycle(worker);
            }
        }
        balance();
    }

    @Override
    public PoolPolicy policy() {
        return policy;
    }

    // ---- replacing

    @Override
    public boolean recycle(PeerWorker worker) {
        if (!worker.isInService()) {
            return false;
        }
        recycling.add(worker);
        balance();
        return true;
    }

    @Override
    public void ready(PeerWorker worker) {
        balance();
    }

    @Override
    public void spent(PeerWorker worker) {
        recycling.remove(worker);
        balance();
    }

    /** Looks after the workers, a few times a second. */
    private void tick() {
        try {
            long now = System.nanoTime();
            List.copyOf(workers).forEach(PeerWorker::look);
            List<PeerWorker> serving = workers.stream().filter(PeerPool::serves).toList();
            recycling.check(serving, policy);
            if (++ticks % TICKS_A_SECOND == 0) {
                recycling.checkMemory(serving, policy);
            }
            size.growIfBusy(waiting(), serving.size(), starting());
            PeerWorker idle = size.shrinkIfIdle(serving, now);
            if (idle != null) {
                LOG.info("Worker {} (pid {}) retires: it had nothing to do for idle.timeout = {} s", idle, idle.pid(),
                        policy.idleSeconds());
                recycling.remove(idle);
                idle.retire();
            }
            checkCrashLoop();
            balance();
        } catch (RuntimeException e) {
            LOG.error("Pool {}: looking after its workers failed", name, e);
        }
    }

    private void checkCrashLoop() {
        boolean held = crashes.probe() != null && workers.stream().anyMatch(worker ->
                worker.id().equals(crashes.probe()) && worker.readyNanos() >= CrashLoop.HOLD_NANOS);
        if (held) {
            LOG.info("Pool {} is not crash-looping any more: worker {} holds", name, crashes.probe());
            crashes.held();
        }
    }

    /** Starts the workers that are missing, as far as that is possible, and lets go those that are too many. */
    private void balance() {
        if (closed || agent == null || !agent.isListening()) {
            return;
        }
        if (workers.stream().anyMatch(PeerPool::serves)) {
            // Not before: with its last peer a context goes, and requests could not wait for the next.
            workers.stream().filter(PeerWorker::isInService).filter(PeerWorker::isSpent).forEach(PeerWorker::retire);
        }
        List<PeerWorker> inService = unspent();
        int wanted = size.wanted() + recycling.replacements(size.wanted());
        int missing = wanted - inService.size() - starting();
        for (int i = crashes.allowed(missing, System.nanoTime()); i > 0; i--) {
            start();
        }
        for (int i = size.wanted(); i < inService.size(); i++) {
            leaving().retire();
        }
    }

    private static boolean serves(PeerWorker worker) {
        return worker.isOn() && !worker.isSpent();
    }

    private List<PeerWorker> unspent() {
        return workers.stream().filter(PeerWorker::isInService).filter(worker -> !worker.isSpent()).toList();
    }

    private int starting() {
        return launching.size() + (int) workers.stream().filter(PeerWorker::isStarting).count();
    }

    /** One that goes: who is to be recycled, else the one with the least to do. */
    private PeerWorker leaving() {
        PeerWorker leaving = recycling.poll();
        return leaving != null ? leaving : unspent().stream()
                .min(Comparator.comparingInt(PeerWorker::busy)).orElseThrow();
    }

    // ---- starting, and the end

    private void start() {
        String id = name + "-" + ++lastNumber;
        PeerSettings own = settings;
        String ownGeneration = "generation " + generation;
        Lifetime lifetime = Lifetime.random();
        long most = lifetime.maxRequests(policy);
        PeerAgent by = agent;
        try {
            launching.add(id);
            crashes.started(id);
            blocking.execute(() -> launch(id, own, ownGeneration, lifetime, most, by));
        } catch (RejectedExecutionException e) {
            launching.remove(id);
            LOG.debug("pool {} is closing: worker {} is not started", name, id, e);
        }
    }

    /** Starts a process, and tells the loop. On the executor. */
    private void launch(String id, PeerSettings own, String ownGeneration, Lifetime lifetime, long most, PeerAgent by) {
        PeerProcess peers;
        try {
            ProcessBuilder program = own.program(Map.of("HANDOFF_WORKER", id, "HANDOFF_POOL", name), wrapper);
            peers = by.start(program, most, () -> changed(id));
        } catch (IOException | RuntimeException e) {
            LOG.error("Pool {}: worker {} cannot be started: {}", name, id, e.getMessage());
            onLoop(() -> {
                launching.remove(id);
                died(id, "cannot be started: " + e.getMessage());
            });
            return;
        }
        if (!onLoop(() -> started(id, peers, own, ownGeneration, lifetime, most))) {
            peers.kill();
        }
    }

    private boolean onLoop(Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            LOG.debug("pool {}: the monitor has stopped", name, e);
            return false;
        }
    }

    private void started(String id, PeerProcess peers, PeerSettings own, String ownGeneration, Lifetime lifetime,
            long most) {
        launching.remove(id);
        if (closed || own != settings) {
            crashes.left(id);
            peers.kill();
            return;
        }
        PeerWorker worker = new PeerWorker(id, peers, own, ownGeneration, lifetime, most, loop, this);
        workers.add(worker);
        worker.whenEnded(end -> ended(worker, end));
        worker.look();
    }

    /** The agent says that something has changed. On any thread. */
    private void changed(String id) {
        onLoop(() -> workers.stream().filter(worker -> worker.id().equals(id)).findFirst()
                .ifPresent(PeerWorker::look));
    }

    private void ended(PeerWorker worker, Worker.End end) {
        workers.remove(worker);
        recycling.remove(worker);
        Worker.State before = worker.exited();
        if (past.size() == PAST) {
            past.remove();
        }
        past.add(worker.report(name, end.words()));
        if (worker.isDiscarded()) {
            LOG.debug("worker {} (pid {}) has ended while it started", worker, worker.pid());
        } else if (before == Worker.State.RETIRING && (end.status() == 0 || end.status() == TERMINATED)) {
            LOG.info("Worker {} (pid {}) has retired after {} requests", worker, worker.pid(), worker.requests());
        } else if (before == Worker.State.RETIRING) {
            LOG.error("Worker {} (pid {}) has ended while it retired: {}", worker, worker.pid(), end.words());
        } else if (end.byCommand() || closed || agent == null) {
            LOG.info("Worker {} (pid {}) has ended: {}", worker, worker.pid(), end.words());
        } else {
            LOG.error("Worker {} (pid {}) has ended: {}", worker, worker.pid(), end.words());
            if (worker.settings() == settings) {
                died(worker.id(), end.words());
                return;
            }
        }
        crashes.left(worker.id());
        balance();
    }

    private void died(String id, String reason) {
        if (crashes.died(id, reason, policy.crashLimit(), System.nanoTime())) {
            LOG.error("Pool {} is crash-looping: {} workers ended within {} s. One at a time is tried now, ever later, "
                    + "until one holds for {} s", name, policy.crashLimit().deaths(), policy.crashLimit().seconds(),
                    TimeUnit.NANOSECONDS.toSeconds(CrashLoop.HOLD_NANOS));
        }
        balance();
    }

    // ---- for people

    @Override
    public String problem() {
        if (agent == null) {
            return "waiting for the LRWP agent; feature:install handoff-lrwp brings it";
        }
        return agent.isListening() ? crashes.problem()
                : "waiting for the LRWP agent to listen; lrwp:peers says why not";
    }

    @Override
    public int size() {
        return size.wanted();
    }

    @Override
    public int waiting() {
        // Mostly all of them have the same contexts.
        return workers.stream().mapToInt(PeerWorker::waiting).max().orElse(0);
    }

    @Override
    public List<WorkerReport> past() {
        return List.copyOf(past);
    }

    @Override
    public List<PeerWorker> workers() {
        return workers.stream().sorted(Comparator.comparingLong(PeerWorker::ageNanos).reversed()).toList();
    }

    @Override
    public void close() {
        closed = true;
        tick.cancel(false);
        List.copyOf(workers).forEach(PeerWorker::retire);
    }

    @Override
    public String toString() {
        return "pool " + name;
    }
}
