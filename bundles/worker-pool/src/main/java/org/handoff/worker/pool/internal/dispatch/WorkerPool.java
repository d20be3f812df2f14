package org.handoff.worker.pool.internal.dispatch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.monitor.api.Target;
import org.handoff.worker.pool.internal.config.CrashLimit;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.launch.WorkerLauncher;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.pool.internal.supervision.CrashLoop;
import org.handoff.worker.pool.internal.supervision.Lifetime;
import org.handoff.worker.pool.internal.supervision.ProcessPool;
import org.handoff.worker.pool.internal.worker.Shares;
import org.handoff.worker.pool.internal.worker.WorkerHandle;
import org.handoff.worker.protocol.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool at work: dispatches connections to its workers, replaces workers that end, and rolls from one generation to
 * the next. On the event loop only; what blocks is left to an executor.
 */
public final class WorkerPool extends ProcessPool<WorkerHandle> implements Target, WorkerHandle.Supervisor {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

    /** A generation that may be at fault has one try. */
    private static final CrashLimit ONE_DEATH = new CrashLimit(1, 1);
    /** How many times as long as a try that ran out of time the pause behind it is, while others serve. */
    private static final int LATE_PAUSES = 9;

    /**
     * How many workers of a generation start at the same time: they need a processor each, so that more of them would
     * only be ready later, all together, and the first one last of all.
     */
    static final int STARTING_AT_ONCE = 2 * Runtime.getRuntime().availableProcessors();

    /** Who decides about generations. Called on the event loop; must not block. */
    public interface Roller {

        /**
         * The first worker of a new generation is ready.
         *
         * @param failures why not, by number, of the handlers that it cannot serve
         * @return whether the generation is to replace the present one
         */
        boolean accepts(Generation next, Map<Integer, String> failures);

        /** A worker of a new generation ended before it was ready. */
        void startFailed(Generation next, String reason);

        /**
         * Workers of a new generation ended before one was ready, or did not get ready in time, and the pool has given
         * it up.
         *
         * @param pauseNanos how long it must not be tried again at least
         */
        void crashes(Generation next, String reason, long pauseNanos);

        /** What is wrong with the present generation's workers has changed; empty for nothing. */
        void problem(String problem);
    }

    private final WorkerLauncher launcher;
    private final Executor blocking;
    private final Future<?> sweep;
    /** Of {@link #current} and {@link #next}. */
    private final Map<Generation, CrashLoop> crashLoops = new HashMap<>();
    /** The generations of the workers whose processes are being started, by id. */
    private final Map<String, Generation> launching = new HashMap<>();

    private final WaitingQueue waiting = new WaitingQueue();
    /** The one that serves; null before the first. */
    private Generation current;
    /** The one that is starting and has no ready worker yet, or null. */
    private Generation next;
    /** Who is asked about {@link #next}. */
    private Roller roller;

    private List<RoutedContext> elsewhere = List.of();
    private boolean nextSuspect;
    private final Shares shares = new Shares();
    /** Whether those that wait are offered again in a moment. */
    private boolean awaiting;
    /** Whether a look at the shares is under way. */
    private boolean sharing;

    private long nextSince;

    /** @param blocking starts processes; its tasks run in order */
    public WorkerPool(String name, IoEventLoop loop, WorkerLauncher launcher, Executor blocking, PoolPolicy policy) {
        super(name, loop, policy);
        this.launcher = launcher;
        this.blocking = blocking;
        this.sweep = loop.scheduleAtFixedRate(waiting::sweep, 1, 1, TimeUnit.SECONDS);
    }

    // ---- connections

    @Override
    public void take(Connection connection) {
        if (isClosed() || current == null) {
            connection.answer(503);
        } else if (!dispatch(connection, false)) {
            queue(connection, false);
        }
    }

    @Override
    public boolean takesUnread() {
        // One that takes a request at a time has its turn too: then the request is read first.
        WorkerHandle due = due(false, List.of());
        return due != null && due.keepsConnections();
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
        waiting.add(connection, again, policy().queueLength(), policy().queueSeconds());
    }

    /**
     * To the worker that is due for one.
     *
     * @param again whether a worker could not take it before
     */
    private boolean dispatch(Connection connection, boolean again) {
        List<WorkerHandle> full = new ArrayList<>(0);
        // A connection without a request is for those that take any number, if one of them can.
        WorkerHandle due = !connection.unused().isEmpty() ? null : due(true, full);
        for (due = due == null ? due(false, full) : due; due != null; due = due(false, full)) {
            if (offer(due, connection, again)) {
                return true;
            }
            full.add(due);
        }
        lookForTheWaiting();
        return false;
    }

    /** A worker that leaves its turn to others has it after all where they do not come for it. */
    private void lookForTheWaiting() {
        if (!awaiting && workers.stream().anyMatch(worker -> serves(worker) && worker.takes())) {
            awaiting = true;
            loop.schedule(
                    () -> {
                        awaiting = false;
                        waiting.offer(this::dispatch);
                    },
                    Shares.WAIT_NANOS,
                    TimeUnit.NANOSECONDS);
        }
    }

    private boolean offer(WorkerHandle worker, Connection connection, boolean again) {
        if (!worker.offer(connection, again)) {
            return false;
        }
        shares.handedOff(worker, workers.indexOf(worker));
        if (!sharing) {
            sharing = true;
            loop.schedule(this::share, Shares.LOOK_NANOS, TimeUnit.NANOSECONDS);
        }
        return true;
    }

    /**
     * The worker that is due for a connection, or null.
     *
     * @param keeping whether only of those that keep connections
     * @param full those that cannot take it
     */
    private WorkerHandle due(boolean keeping, List<WorkerHandle> full) {
        return shares.due(
                workers,
                worker -> serves(worker)
                        && worker.takes()
                        && (!keeping || worker.keepsConnections())
                        && !full.contains(worker));
    }

    /** Looks how evenly requests come to the workers, as long as they hold connections. */
    private void share() {
        List<WorkerHandle> serving = workers.stream().filter(this::serves).toList();
        sharing = !isClosed() && serving.stream().anyMatch(worker -> worker.connections() > 0);
        if (sharing) {
            shares.look(serving);
            loop.schedule(this::share, Shares.LOOK_NANOS, TimeUnit.NANOSECONDS);
        } else {
            shares.forget(workers);
        }
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
    public void relieved(WorkerHandle worker) {
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
    public void roll(Generation generation, boolean suspect, Roller asked) {
        if (isClosed()) {
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
        nextSince = System.nanoTime();
        roller = asked;
        crashLoops.put(generation, new CrashLoop());
        LOG.info(
                "Pool {}: {} starts, with {} handlers",
                name,
                generation,
                generation.handlers().size());
        balance();
    }

    /** Serves nothing any more: there are no handlers. */
    public void rollToNothing() {
        giveUpNext();
        crashLoops.remove(current);
        current = null;
        recycling.clear();
        workers.forEach(WorkerHandle::retire);
        waiting.clear();
    }

    private void giveUpNext() {
        Generation given = next;
        next = null;
        if (given != null) {
            crashLoops.remove(given);
            workers.stream().filter(worker -> worker.generation() == given).forEach(WorkerHandle::retire);
        }
    }

    @Override
    public void ready(WorkerHandle worker, Map<Integer, String> failures) {
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
        if (crashes().ready()) {
            problemChanged();
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
        long on = workers.stream().filter(this::serves).count();
        List<WorkerHandle> old = workers.stream()
                .filter(worker -> worker.generation() != current && worker.generation() != next)
                .filter(WorkerHandle::isInService)
                .toList();
        boolean last = on >= size.wanted();
        old.stream().limit(last ? old.size() : 1).forEach(WorkerHandle::retire);
    }

    @Override
    protected boolean serves(WorkerHandle worker) {
        return worker.generation() == current && worker.state() == WorkerHandle.State.ON;
    }

    // ---- workers

    @Override
    public void spent(WorkerHandle worker) {
        recycling.remove(worker);
        worker.retire();
        balance();
    }

    @Override
    public void leaving(WorkerHandle worker) {
        LOG.info("Worker {} (pid {}) is to be replaced: it was told to end by a signal", worker, worker.pid());
        if (!recycle(worker)) {
            worker.retire();
        }
    }

    @Override
    protected void look(WorkerHandle worker, long now, long stalledNanos) {
        worker.check(now, stalledNanos);
    }

    @Override
    protected void looked() {
        waiting.offer(this::dispatch);
    }

    @Override
    protected CrashLoop crashes() {
        return crashLoops.get(current);
    }

    @Override
    protected void problemChanged() {
        roller.problem(problem());
    }

    @Override
    protected Stream<WorkerHandle> counted() {
        return inService(current);
    }

    private Stream<WorkerHandle> inService(Generation generation) {
        return workers.stream()
                .filter(worker -> worker.generation() == generation)
                .filter(WorkerHandle::isInService);
    }

    @Override
    protected int starting() {
        return starting(current);
    }

    @Override
    protected void balance() {
        if (isClosed()) {
            return;
        }
        if (next != null) {
            int wanted = nextSuspect ? 1 : Math.max(1, size.wanted());
            start(next, (int) (wanted - inService(next).count() - starting(next)));
        }
        if (current != null) {
            start(current, missing());
            letGoSurplus(WorkerHandle::connections);
        }
    }

    private void start(Generation generation, int missing) {
        int atOnce = Math.min(missing, STARTING_AT_ONCE - starting(generation));
        for (int i = crashLoops.get(generation).allowed(atOnce, System.nanoTime()); i > 0; i--) {
            start(generation);
        }
    }

    private int starting(Generation generation) {
        return (int)
                (launching.values().stream().filter(one -> one == generation).count()
                        + workers.stream()
                                .filter(worker -> worker.generation() == generation)
                                .filter(worker -> worker.state() == WorkerHandle.State.STARTING)
                                .count());
    }

    private void start(Generation generation) {
        String id = nextId();
        Lifetime lifetime = Lifetime.random();
        Map<String, String> told =
                new HashMap<>(Map.of(Variable.DRAIN_TIMEOUT.key(), Integer.toString(policy().drainSeconds())));
        if (policy().maxRequests() > 0) {
            told.put(Variable.MAX_REQUESTS.key(), Long.toString(lifetime.maxRequests(policy())));
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
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // The latter where the system has no thread for it: then too it has to be tried again.
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
        if (isClosed() || generation != current && generation != next) {
            launching.remove(launched.id());
            discard(launched);
            return;
        }
        try {
            workers.add(new WorkerHandle(launched, generation, lifetime, loop, this));
            launching.remove(launched.id());
        } catch (IOException e) {
            LOG.error("Pool {}: worker {} cannot be watched: {}", name, launched.id(), e.getMessage());
            notStarted(launched.id(), generation, e.getMessage());
        }
    }

    private void notStarted(String id, Generation generation, String reason) {
        launching.remove(id);
        if (crashLoops.containsKey(generation)) {
            crashLoops.get(generation).startFailed(reason);
        }
        died(id, generation, false, reason);
    }

    @Override
    public void exited(WorkerHandle worker, WorkerHandle.State stateBefore) {
        gone(worker);
        // A process's status is known a moment after its control socket has ended.
        worker.whenEnded(end -> {
            CrashLoop crashes = crashLoops.get(worker.generation());
            boolean death =
                    ended(worker, end, stateBefore == WorkerHandle.State.RETIRING, isClosed() || crashes == null);
            if (death) {
                if (crashes != null && stateBefore == WorkerHandle.State.STARTING) {
                    crashes.startFailed(end.words());
                }
                died(worker.id(), worker.generation(), stateBefore != WorkerHandle.State.STARTING, end.words());
                return;
            }
            if (crashes != null) {
                crashes.left(worker.id());
            }
            balance();
        });
    }

    /** Counts a death against its generation, and goes on as that demands. */
    private void died(String id, Generation generation, boolean wasReady, String reason) {
        CrashLoop crashes = crashLoops.get(generation);
        if (isClosed() || crashes == null) {
            return;
        }
        long now = System.nanoTime();
        boolean late = generation == next && now - nextSince >= TimeUnit.SECONDS.toNanos(policy().startSeconds());
        CrashLimit limit = late || generation == next && nextSuspect
                ? ONE_DEATH
                : wasReady ? policy().crashLimit() : policy().crashLimit().stretchedBy(policy().startSeconds());
        boolean tooMany = crashes.died(id, reason, limit, now);
        if (generation == next) {
            roller.startFailed(next, reason);
            if (tooMany) {
                LOG.error(
                        "Pool {}: {} is given up, because its workers do not get ready: {}", name, generation, reason);
                giveUpNext();
                // A try that takes so long costs a processor, which who serves could use: it has a tenth of the time at
                // most, and half of it where nobody serves.
                roller.crashes(generation, reason, late ? (now - nextSince) * (current == null ? 1 : LATE_PAUSES) : 0);
            }
        } else {
            if (tooMany) {
                logCrashLoop(limit, generation.toString());
            }
            if (crashes.isFailing()) {
                problemChanged();
            }
        }
        if (generation == current && isDown()) {
            waiting.clear();
        }
        balance();
    }

    /** Whether it is crash-looping and nobody serves: nobody knows whether waiting helps. */
    private boolean isDown() {
        return crashLoops.get(current).isLooping() && workers.stream().noneMatch(this::serves);
    }

    @Override
    public String problem() {
        CrashLoop crashes = crashLoops.get(current);
        return crashes == null ? "" : crashes.problem();
    }

    @Override
    public int waiting() {
        return waiting.size();
    }

    @Override
    public void close() {
        super.close();
        sweep.cancel(false);
        waiting.clear();
        List.copyOf(workers).forEach(WorkerHandle::abandon);
    }

    private static void discard(WorkerLauncher.Launched launched) {
        launched.process().destroyForcibly();
        launched.close();
    }
}
