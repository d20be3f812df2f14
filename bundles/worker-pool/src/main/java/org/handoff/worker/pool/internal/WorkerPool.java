package org.handoff.worker.pool.internal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.Target;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool at work: dispatches connections to its workers, replaces workers that end, and rolls from one generation to
 * the next. On the event loop only; what blocks is left to an executor.
 */
final class WorkerPool implements Staff<Worker>, Target, Worker.Supervisor {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

    private static final int TICKS_A_SECOND = 4;
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1) / TICKS_A_SECOND;

    /** A generation that may be at fault has one try. */
    private static final CrashLimit ONE_DEATH = new CrashLimit(1, 1);

    /** How many workers are remembered after their end. */
    private static final int PAST = 20;

    /** Who decides about generations. Called on the event loop; must not block. */
    interface Roller {

        /**
         * The first worker of a new generation is ready.
         *
         * @param failures why not, by number, of the handlers that it cannot serve
         * @return whether the generation is to replace the present one
         */
        boolean accepts(Generation next, Map<Integer, String> failures);

        /** A worker of a new generation ended before it was ready. */
        void startFailed(Generation next, String reason);

        /** So many workers of a new generation ended before one was ready that the pool has given it up. */
        void crashes(Generation next, String reason);

        /** What is wrong with the present generation's workers has changed; empty for nothing. */
        void problem(String problem);
    }

    private final String name;
    private final IoEventLoop loop;
    private final WorkerLauncher launcher;
    private final Executor blocking;
    private final Future<?> sweep;
    private final Future<?> tick;
    private final List<Worker> workers = new ArrayList<>();
    /** Of {@link #current} and {@link #next}. */
    private final Map<Generation, CrashLoop> crashLoops = new HashMap<>();
    /** The generations of the workers whose processes are being started, by id. */
    private final Map<String, Generation> launching = new HashMap<>();
    private final Deque<WorkerReport> past = new ArrayDeque<>();
    private final WaitingQueue waiting = new WaitingQueue();
    /** The one that serves; null before the first. */
    private Generation current;
    /** The one that is starting and has no ready worker yet, or null. */
    private Generation next;
    /** Who is asked about {@link #next}. */
    private Roller roller;
    private List<RoutedContext> elsewhere = List.of();
    private final Recycling<Worker> recycling = new Recycling<>();
    private final PoolSize size;
    private PoolPolicy policy;
    private boolean nextSuspect;
    private long lastTick = System.nanoTime();
    private int ticks;
    private int lastNumber;
    private int lastTaker;
    private boolean closed;

    /** @param blocking starts processes; its tasks run in order */
    WorkerPool(String name, IoEventLoop loop, WorkerLauncher launcher, Executor blocking, PoolPolicy policy) {
        this.policy = policy;
        this.size = new PoolSize(policy);
        this.name = name;
        this.loop = loop;
        this.launcher = launcher;
        this.blocking = blocking;
        this.sweep = loop.scheduleAtFixedRate(waiting::sweep, 1, 1, TimeUnit.SECONDS);
        this.tick = loop.scheduleWithFixedDelay(this::tick, TICK_NANOS, TICK_NANOS, TimeUnit.NANOSECONDS);
    }

    @Override
    public void configure(PoolPolicy changed) {
        policy = changed;
        size.configure(changed);
        balance();
    }

    @Override
    public PoolPolicy policy() {
        return policy;
    }

    // ---- connections

    @Override
    public void take(Connection connection) {
        if (closed || current == null) {
            connection.answer(503);
        } else if (!dispatch(connection, false)) {
            queue(connection, false);
        }
    }

    @Override
    public boolean takesUnread() {
        return workers.stream().anyMatch(worker -> servesCurrent(worker) && worker.takesUnread());
    }

    private void queue(Connection connection, boolean again) {
        if (size.wanted() == 0) {
            size.needOne();
            balance();
        }
        if (isDown()) {
            connection.unavailable(crashLoops.get(current).retrySeconds(System.nanoTime()));
            return;
        }
        waiting.add(connection, again, policy.queueLength(), policy.queueSeconds());
    }

    /**
     * To the worker that holds the fewest connections, of those that take one; in turn where several hold as few. A
     * connection without a request is for those that take any number, if one of them can.
     *
     * @param again whether a worker could not take it before
     */
    private boolean dispatch(Connection connection, boolean again) {
        Worker best = null;
        boolean unread = !connection.received().hasRemaining() && takesUnread();
        for (int i = 1; i <= workers.size(); i++) {
            Worker worker = workers.get((lastTaker + i) % workers.size());
            if (servesCurrent(worker) && (!unread || worker.takesUnread())
                    && (best == null || worker.connections() < best.connections())) {
                best = worker;
            }
        }
        if (best != null && best.offer(connection, again)) {
            lastTaker = workers.indexOf(best);
            return true;
        }
        for (Worker worker : workers) {
            if (worker != best && servesCurrent(worker) && worker.offer(connection, again)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void notTaken(Connection connection, boolean again) {
        if (again || current == null) {
            connection.answer(503);
        } else if (!dispatch(connection, true)) {
            queue(connection, true);
        }
    }

    @Override
    public void relieved(Worker worker) {
        if (current != null) {
            waiting.offer(this::dispatch);
        }
    }

    @Override
    public void elsewhere(List<RoutedContext> contexts) {
        if (!contexts.equals(elsewhere)) {
            elsewhere = contexts;
            workers.forEach(worker -> worker.elsewhere(contexts));
        }
    }

    // ---- generations

    /**
     * Begins to replace the present generation. Another one that was starting, if any, is given up; where this one is
     * the present one, that is all.
     *
     * @param suspect whether it has code that may make workers die: then one worker is tried, once
     */
    void roll(Generation generation, boolean suspect, Roller asked) {
        if (closed) {
            return;
        }
        giveUpNext();
        if (generation == current) {
            return;
        }
        // The new generation replaces them all.
        recycling.clear();
        next = generation;
        nextSuspect = suspect;
        roller = asked;
        crashLoops.put(generation, new CrashLoop());
        LOG.info("Pool {}: {} starts, with {} handlers", name, generation, generation.handlers().size());
        balance();
    }

    /** Serves nothing any more: there are no handlers. */
    void rollToNothing() {
        giveUpNext();
        crashLoops.remove(current);
        current = null;
        recycling.clear();
        workers.forEach(Worker::retire);
        waiting.clear();
    }

    private void giveUpNext() {
        Generation given = next;
        next = null;
        if (given != null) {
            crashLoops.remove(given);
            workers.stream().filter(worker -> worker.generation() == given).forEach(Worker::retire);
        }
    }

    @Override
    public void ready(Worker worker, Map<Integer, String> failures) {
        if (worker.generation() == next) {
            if (!roller.accepts(next, failures)) {
                giveUpNext();
                return;
            }
            crashLoops.remove(current);
            current = next;
            next = null;
            size.needOne();
        }
        if (worker.generation() != current) {
            worker.retire();
            return;
        }
        if (!elsewhere.isEmpty()) {
            worker.elsewhere(elsewhere);
        }
        retireOne();
        balance();
        waiting.offer(this::dispatch);
    }

    /** For each worker of the present generation that is ready one of an older generation goes; with the last, all. */
    private void retireOne() {
        long on = workers.stream().filter(this::servesCurrent).count();
        List<Worker> old = workers.stream()
                .filter(worker -> worker.generation() != current && worker.generation() != next)
                .filter(Worker::isInService).toList();
        boolean last = on >= size.wanted();
        old.stream().limit(last ? old.size() : 1).forEach(Worker::retire);
    }

    private boolean servesCurrent(Worker worker) {
        return worker.generation() == current && worker.state() == Worker.State.ON;
    }

    // ---- workers

    @Override
    public boolean recycle(Worker worker) {
        if (worker.generation() != current || !worker.isInService()) {
            return false;
        }
        recycling.add(worker);
        balance();
        return true;
    }

    @Override
    public void spent(Worker worker) {
        recycling.remove(worker);
        worker.retire();
        balance();
    }

    /** Looks after the workers, a few times a second. */
    private void tick() {
        try {
            long now = System.nanoTime();
            long stalled = now - lastTick - TICK_NANOS;
            lastTick = now;
            for (Worker worker : List.copyOf(workers)) {
                worker.check(now, stalled > TICK_NANOS ? stalled : 0);
            }
            if (current != null) {
                List<Worker> serving = workers.stream().filter(this::servesCurrent).toList();
                recycling.check(serving, policy);
                if (++ticks % TICKS_A_SECOND == 0) {
                    recycling.checkMemory(serving, policy);
                }
                resize(serving, now);
                checkCrashLoop(crashLoops.get(current));
                balance();
                waiting.offer(this::dispatch);
            }
        } catch (RuntimeException e) {
            LOG.error("Pool {}: looking after its workers failed", name, e);
        }
    }

    private void resize(List<Worker> serving, long now) {
        size.growIfBusy(waiting.size(), serving.size(), starting(current));
        Worker idle = crashLoops.get(current).isLooping() ? null : size.shrinkIfIdle(serving, now);
        if (idle != null) {
            LOG.info("Worker {} (pid {}) retires: it had nothing to do for idle.timeout = {} s", idle, idle.pid(),
                    policy.idleSeconds());
            recycling.remove(idle);
            idle.retire();
        }
    }

    private void checkCrashLoop(CrashLoop crashes) {
        boolean held = crashes.probe() != null && workers.stream().anyMatch(worker ->
                worker.id().equals(crashes.probe()) && worker.readyNanos() >= CrashLoop.HOLD_NANOS);
        if (held) {
            LOG.info("Pool {} is not crash-looping any more: worker {} holds", name, crashes.probe());
            crashes.held();
            roller.problem("");
        }
    }

    /** Starts the workers that are missing, as far as that is allowed, and lets go those that are too many. */
    private void balance() {
        if (closed) {
            return;
        }
        if (next != null) {
            startMissing(next, nextSuspect ? 1 : Math.max(1, size.wanted()));
        }
        if (current != null) {
            startMissing(current, size.wanted() + recycling.replacements(size.wanted()));
            List<Worker> inService = workers().stream().filter(worker -> worker.generation() == current)
                    .filter(Worker::isInService).toList();
            for (int i = size.wanted(); i < inService.size(); i++) {
                leaving().retire();
            }
        }
    }

    private void startMissing(Generation generation, int wanted) {
        CrashLoop crashes = crashLoops.get(generation);
        long inService = workers.stream().filter(worker -> worker.generation() == generation)
                .filter(Worker::isInService).count();
        int missing = (int) (wanted - inService - starting(generation));
        for (int i = crashes.allowed(missing, System.nanoTime()); i > 0; i--) {
            start(generation);
        }
    }

    private int starting(Generation generation) {
        return (int) (launching.values().stream().filter(one -> one == generation).count()
                + workers.stream().filter(worker -> worker.generation() == generation)
                        .filter(worker -> worker.state() == Worker.State.STARTING).count());
    }

    /** One of the present generation that goes: who is to be recycled, else the one with the least to do. */
    private Worker leaving() {
        Worker leaving = recycling.poll();
        return leaving != null ? leaving : workers.stream().filter(worker -> worker.generation() == current)
                .filter(Worker::isInService).min(Comparator.comparingInt(Worker::connections)).orElseThrow();
    }

    private void start(Generation generation) {
        String id = name + "-" + ++lastNumber;
        Lifetime lifetime = Lifetime.random();
        Map<String, String> told = new HashMap<>(Map.of("HANDOFF_DRAIN_TIMEOUT",
                Integer.toString(policy.drainSeconds())));
        if (policy.maxRequests() > 0) {
            told.put("HANDOFF_MAX_REQUESTS", Long.toString(lifetime.maxRequests(policy)));
        }
        try {
            blocking.execute(() -> launch(id, generation, lifetime, told));
            launching.put(id, generation);
            crashLoops.get(generation).started(id);
        } catch (RejectedExecutionException e) {
            LOG.debug("pool {} is closing: worker {} is not started", name, id, e);
        }
    }

    /** Starts a process, and tells the loop. On the executor. */
    private void launch(String id, Generation generation, Lifetime lifetime, Map<String, String> told) {
        WorkerLauncher.Launched launched;
        try {
            launched = launcher.launch(id, name, generation, told);
        } catch (IOException | RuntimeException e) {
            LOG.error("Pool {}: worker {} cannot be started: {}", name, id, e.getMessage());
            loop.execute(() -> notStarted(id, generation, "cannot be started: " + e.getMessage()));
            return;
        }
        try {
            loop.execute(() -> started(launched, generation, lifetime));
        } catch (RejectedExecutionException e) {
            LOG.debug("the monitor has stopped while worker {} was starting", id, e);
            discard(launched);
        }
    }

    private void started(WorkerLauncher.Launched launched, Generation generation, Lifetime lifetime) {
        if (closed || generation != current && generation != next) {
            launching.remove(launched.id());
            discard(launched);
            return;
        }
        try {
            workers.add(new Worker(launched, generation, lifetime, loop, this));
            launching.remove(launched.id());
        } catch (IOException e) {
            LOG.error("Pool {}: worker {} cannot be watched: {}", name, launched.id(), e.getMessage());
            notStarted(launched.id(), generation, e.getMessage());
        }
    }

    private void notStarted(String id, Generation generation, String reason) {
        launching.remove(id);
        died(id, generation, reason);
    }

    @Override
    public void exited(Worker worker, Worker.State stateBefore) {
        workers.remove(worker);
        recycling.remove(worker);
        // A process's status is known a moment after its control socket has ended.
        worker.whenEnded(end -> {
            if (past.size() == PAST) {
                past.remove();
            }
            past.add(worker.report(name, end.words()));
            CrashLoop crashes = crashLoops.get(worker.generation());
            if (stateBefore == Worker.State.RETIRING && end.status() == 0) {
                LOG.info("Worker {} (pid {}) has retired after {} requests", worker, worker.pid(), worker.requests());
            } else if (stateBefore == Worker.State.RETIRING) {
                LOG.error("Worker {} (pid {}, {}) has ended while it retired: {}", worker, worker.pid(),
                        worker.generation(), end.words());
            } else if (end.byCommand()) {
                LOG.info("Worker {} (pid {}, {}) has ended: {}", worker, worker.pid(), worker.generation(),
                        end.words());
            } else if (!closed && crashes != null) {
                LOG.error("Worker {} (pid {}, {}) has ended: {}", worker, worker.pid(), worker.generation(),
                        end.words());
                died(worker.id(), worker.generation(), end.words());
                return;
            }
            if (crashes != null) {
                crashes.left(worker.id());
            }
            balance();
        });
    }

    /** Counts a death against its generation, and goes on as that demands. */
    private void died(String id, Generation generation, String reason) {
        CrashLoop crashes = crashLoops.get(generation);
        if (closed || crashes == null) {
            return;
        }
        CrashLimit limit = generation == next && nextSuspect ? ONE_DEATH : policy.crashLimit();
        boolean tooMany = crashes.died(id, reason, limit, System.nanoTime());
        if (generation == next) {
            roller.startFailed(next, reason);
            if (tooMany) {
                LOG.error("Pool {}: {} is given up, because its workers die before they are ready: {}", name,
                        generation, reason);
                giveUpNext();
                roller.crashes(generation, reason);
            }
        } else if (tooMany) {
            LOG.error("Pool {} is crash-looping: {} workers of {} ended within {} s. One at a time is tried now, ever "
                    + "later, until one holds for {} s", name, limit.deaths(), generation, limit.seconds(),
                    TimeUnit.NANOSECONDS.toSeconds(CrashLoop.HOLD_NANOS));
            roller.problem(crashes.problem());
        }
        if (generation == current && isDown()) {
            waiting.clear();
        }
        balance();
    }

    /** Whether it is crash-looping and nobody serves: nobody knows whether waiting helps. */
    private boolean isDown() {
        return crashLoops.get(current).isLooping() && workers.stream().noneMatch(this::servesCurrent);
    }

    @Override
    public String problem() {
        CrashLoop crashes = crashLoops.get(current);
        return crashes == null ? "" : crashes.problem();
    }

    @Override
    public int size() {
        return size.wanted();
    }

    @Override
    public int waiting() {
        return waiting.size();
    }

    @Override
    public List<WorkerReport> past() {
        return List.copyOf(past);
    }

    @Override
    public List<Worker> workers() {
        return workers.stream().sorted(Comparator.comparingLong(Worker::ageNanos).reversed()).toList();
    }

    @Override
    public void close() {
        closed = true;
        sweep.cancel(false);
        tick.cancel(false);
        waiting.clear();
        List.copyOf(workers).forEach(Worker::abandon);
        workers.clear();
    }

    private static void discard(WorkerLauncher.Launched launched) {
        launched.process().destroyForcibly();
        launched.close();
    }

    @Override
    public String toString() {
        return "pool " + name;
    }
}
