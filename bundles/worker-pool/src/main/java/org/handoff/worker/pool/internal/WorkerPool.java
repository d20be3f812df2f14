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
final class WorkerPool implements Target, Worker.Supervisor {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

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
    }

    private final String name;
    private final IoEventLoop loop;
    private final WorkerLauncher launcher;
    private final Executor blocking;
    private final Future<?> sweep;
    private final List<Worker> workers = new ArrayList<>();
    private final Map<Generation, BackOff> backOffs = new HashMap<>();
    private final WaitingQueue waiting = new WaitingQueue();
    /** The one that serves; null before the first. */
    private Generation current;
    /** The one that is starting and has no ready worker yet, or null. */
    private Generation next;
    /** Who is asked about {@link #next}. */
    private Roller roller;
    private List<RoutedContext> elsewhere = List.of();
    /** Those that are to be replaced by others of the same generation, one after the other. */
    private final Deque<Worker> recycling = new ArrayDeque<>();
    private int lastNumber;
    private int lastTaker;
    private boolean closed;

    /** @param blocking starts processes; its tasks run in order */
    WorkerPool(String name, IoEventLoop loop, WorkerLauncher launcher, Executor blocking) {
        this.name = name;
        this.loop = loop;
        this.launcher = launcher;
        this.blocking = blocking;
        this.sweep = loop.scheduleAtFixedRate(waiting::sweep, 1, 1, TimeUnit.SECONDS);
    }

    // ---- connections

    @Override
    public void take(Connection connection) {
        if (closed || current == null) {
            connection.answer(503);
        } else if (!dispatch(connection)) {
            PoolSettings settings = current.settings();
            waiting.add(connection, settings.queueLength(), settings.queueSeconds());
        }
    }

    private boolean dispatch(Connection connection) {
        return dispatch(connection, null);
    }

    /**
     * To the worker that holds the fewest connections, of those that take one; in turn where several hold as few.
     *
     * @param except the worker that could not take the connection, or null where it is new
     */
    private boolean dispatch(Connection connection, Worker except) {
        Worker best = null;
        for (int i = 1; i <= workers.size(); i++) {
            Worker worker = workers.get((lastTaker + i) % workers.size());
            if (worker != except && servesCurrent(worker)
                    && (best == null || worker.connections() < best.connections())) {
                best = worker;
            }
        }
        if (best != null && best.offer(connection, except != null)) {
            lastTaker = workers.indexOf(best);
            return true;
        }
        for (Worker worker : workers) {
            if (worker != except && worker != best && servesCurrent(worker)
                    && worker.offer(connection, except != null)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void notTaken(Worker worker, Connection connection, boolean again) {
        if (again || current == null || !dispatch(connection, worker)) {
            connection.answer(503);
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
     */
    void roll(Generation generation, Roller asked) {
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
        roller = asked;
        backOffs.put(generation, new BackOff());
        LOG.info("Pool {}: {} starts, with {} handlers", name, generation, generation.handlers().size());
        for (int i = 0; i < generation.settings().workers(); i++) {
            start(generation);
        }
    }

    /** Serves nothing any more: there are no handlers. */
    void rollToNothing() {
        giveUpNext();
        backOffs.remove(current);
        current = null;
        workers.forEach(Worker::retire);
        waiting.clear();
    }

    private void giveUpNext() {
        Generation given = next;
        next = null;
        if (given != null) {
            backOffs.remove(given);
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
            backOffs.remove(current);
            current = next;
            next = null;
        }
        if (worker.generation() != current) {
            worker.retire();
            return;
        }
        if (!elsewhere.isEmpty()) {
            worker.elsewhere(elsewhere);
        }
        retireOne();
        recycleNext();
        waiting.offer(this::dispatch);
    }

    /** For each worker of the present generation that is ready one of an older generation goes; with the last, all. */
    private void retireOne() {
        long on = workers.stream().filter(this::servesCurrent).count();
        List<Worker> old = workers.stream()
                .filter(worker -> worker.generation() != current && worker.generation() != next)
                .filter(Worker::isInService).toList();
        boolean last = on >= current.settings().workers();
        old.stream().limit(last ? old.size() : 1).forEach(Worker::retire);
    }

    private boolean servesCurrent(Worker worker) {
        return worker.generation() == current && worker.state() == Worker.State.ON;
    }

    // ---- workers

    /**
     * Has a worker replaced by a new one of the same generation, which is ready before it goes; of several workers one
     * after the other.
     *
     * @return false if it does not serve, or is about to be replaced by another generation
     */
    boolean recycle(Worker worker) {
        if (worker.generation() != current || !worker.isInService()) {
            return false;
        }
        if (recycling.isEmpty()) {
            start(current);
        }
        if (!recycling.contains(worker)) {
            recycling.add(worker);
        }
        return true;
    }

    private void recycleNext() {
        List<Worker> inService = workers().stream().filter(worker -> worker.generation() == current)
                .filter(Worker::isInService).toList();
        if (inService.size() <= current.settings().workers()) {
            return;
        }
        // One too many without anything to recycle: the one that was to go has died, and was replaced twice.
        Worker leaving = recycling.isEmpty() ? inService.get(0) : recycling.remove();
        leaving.retire();
        if (!recycling.isEmpty()) {
            start(current);
        }
    }

    private void start(Generation generation) {
        String id = name + "-" + ++lastNumber;
        try {
            blocking.execute(() -> launch(id, generation));
        } catch (RejectedExecutionException e) {
            LOG.debug("pool {} is closing: worker {} is not started", name, id, e);
        }
    }

    /** Starts a process, and tells the loop. On the executor. */
    private void launch(String id, Generation generation) {
        WorkerLauncher.Launched launched;
        try {
            launched = launcher.launch(id, name, generation);
        } catch (IOException | RuntimeException e) {
            LOG.error("Pool {}: worker {} cannot be started: {}", name, id, e.getMessage());
            loop.execute(() -> replace(generation, 0, "cannot be started: " + e.getMessage()));
            return;
        }
        try {
            loop.execute(() -> started(launched, generation));
        } catch (RejectedExecutionException e) {
            LOG.debug("the monitor has stopped while worker {} was starting", id, e);
            discard(launched);
        }
    }

    private void started(WorkerLauncher.Launched launched, Generation generation) {
        if (closed || generation != current && generation != next) {
            discard(launched);
            return;
        }
        try {
            workers.add(new Worker(launched, generation, loop, this));
        } catch (IOException e) {
            LOG.error("Pool {}: worker {} cannot be watched: {}", name, launched.id(), e.getMessage());
            replace(generation, 0, e.getMessage());
        }
    }

    @Override
    public void exited(Worker worker, Worker.State stateBefore) {
        workers.remove(worker);
        recycling.remove(worker);
        if (stateBefore == Worker.State.RETIRING) {
            LOG.info("Worker {} (pid {}) has retired after {} requests", worker, worker.pid(), worker.requests());
            return;
        }
        // A process's status is known a moment after its control socket has ended.
        worker.whenEnded(words -> {
            boolean wanted = !closed && (worker.generation() == current || worker.generation() == next);
            if (wanted) {
                LOG.error("Worker {} (pid {}, {}) has ended: {}", worker, worker.pid(), worker.generation(), words);
                replace(worker.generation(), worker.readyNanos(), words);
            }
        });
    }

    private void replace(Generation generation, long readyNanos, String reason) {
        BackOff backOff = backOffs.get(generation);
        if (closed || backOff == null) {
            return;
        }
        if (generation == next) {
            roller.startFailed(generation, reason);
        }
        long delay = backOff.afterExit(readyNanos);
        if (delay > 0) {
            LOG.warn("Pool {}: the next worker of {} starts in {} ms, because others ended too soon", name, generation,
                    delay);
        }
        loop.schedule(() -> {
            if (!closed && (generation == current || generation == next)) {
                start(generation);
            }
        }, delay, TimeUnit.MILLISECONDS);
    }

    /** All workers that have not exited, the oldest first. */
    List<Worker> workers() {
        return workers.stream().sorted(Comparator.comparingLong(Worker::ageNanos).reversed()).toList();
    }

    /** Lets go of all workers: they finish what they hold and exit. */
    void close() {
        closed = true;
        sweep.cancel(false);
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
