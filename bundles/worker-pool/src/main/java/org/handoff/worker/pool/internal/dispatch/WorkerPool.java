package org.handoff.worker.pool.internal.dispatch;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

import io.netty.channel.IoEventLoop;
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
import org.handoff.worker.pool.internal.supervision.WorkerState;
import org.handoff.worker.pool.internal.worker.WorkerHandle;
import org.handoff.worker.pool.internal.worker.WorkerSupervisor;
import org.handoff.worker.protocol.log.LogLevels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pool at work: dispatches connections to its workers, replaces workers that end, and rolls from one generation to
 * the next. On the event loop only; blocking work is left to an executor.
 */
public final class WorkerPool extends ProcessPool<WorkerHandle>
        implements Target, WorkerSupervisor, WorkerStarter.Told {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerPool.class);

    /**
     * How many workers of a generation start at the same time: they need a processor each, so more of them would only
     * be ready later, all together, and the first one last of all.
     */
    static final int STARTING_AT_ONCE = 2 * Runtime.getRuntime().availableProcessors();

    private final WorkerStarter starter;
    private final PartialWorkers partial;
    private final Dispatcher dispatcher;
    private final Rollout rollout = new Rollout();
    private List<RoutedContext> foreignContexts = List.of();
    private LogLevels logLevels = LogLevels.DEFAULT;

    /** @param blocking starts processes; its tasks run in order */
    public WorkerPool(String name, IoEventLoop loop, WorkerLauncher launcher, Executor blocking, PoolPolicy policy) {
        super(name, loop, policy);
        starter = new WorkerStarter(name, loop, launcher, blocking, this);
        partial = new PartialWorkers(loop, workers, this::serves, this::recycle, this::problemChanged);
        dispatcher = new Dispatcher(loop, workers, this::serves, partial);
    }

    // ---- connections

    @Override
    public void take(Connection connection) {
        if (isClosed() || rollout.current() == null) {
            connection.answer(503);
        } else if (!dispatcher.dispatch(connection, false)) {
            queue(connection, false);
        }
    }

    @Override
    public boolean takesUnread() {
        return dispatcher.takesUnread();
    }

    private void queue(Connection connection, boolean again) {
        if (size.wanted() == 0) {
            size.needOne();
            balance();
        }
        if (isDown()) {
            connection.unavailable(crashes().retrySeconds(System.nanoTime()));
            return;
        }
        dispatcher.queue(connection, again, policy());
    }

    @Override
    public void notTaken(Connection connection, boolean again) {
        if (again || rollout.current() == null) {
            connection.answer(503);
        } else if (!dispatcher.dispatch(connection, true)) {
            queue(connection, true);
        }
    }

    @Override
    public void capacityFreed(WorkerHandle worker) {
        if (rollout.current() != null) {
            dispatcher.offerWaiting();
        }
    }

    @Override
    public void foreignContexts(List<RoutedContext> contexts) {
        if (!contexts.equals(foreignContexts)) {
            foreignContexts = contexts;
            workers.forEach(worker -> worker.foreignContexts(contexts));
        }
    }

    /** Takes the levels of the workers' loggers. */
    public void logLevels(LogLevels levels) {
        if (!levels.equals(logLevels)) {
            logLevels = levels;
            workers.forEach(worker -> worker.logLevels(levels));
        }
    }

    // ---- generations

    /**
     * Begins to replace the present generation. Another starting one, if any, is given up; if this is the present one,
     * nothing else happens.
     *
     * @param suspect whether it has code that may make workers die: then one worker is tried, once
     */
    public void roll(Generation generation, boolean suspect, Roller asked) {
        if (isClosed()) {
            return;
        }
        giveUpNext();
        if (rollout.isCurrent(generation)) {
            return;
        }
        // The new generation replaces them all.
        recycling.clear();
        rollout.begin(generation, suspect, asked, System.nanoTime());
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
        rollout.end();
        recycling.clear();
        workers.forEach(WorkerHandle::retire);
        dispatcher.refuseWaiting();
    }

    private void giveUpNext() {
        Generation given = rollout.giveUp();
        if (given != null) {
            workers.stream().filter(worker -> worker.generation() == given).forEach(WorkerHandle::retire);
        }
    }

    @Override
    public String refusal(WorkerHandle worker, Map<Integer, String> failures) {
        return rollout.isCurrent(worker.generation()) ? partial.refusal(worker, rollout.missing(failures)) : null;
    }

    @Override
    public void ready(WorkerHandle worker, Map<Integer, String> failures) {
        if (rollout.isNext(worker.generation())) {
            if (!rollout.serves(failures)) {
                giveUpNext();
                return;
            }
            size.needOne();
        }
        if (!rollout.isCurrent(worker.generation())) {
            worker.retire();
            return;
        }
        if (crashes().ready()) {
            problemChanged();
        }
        partial.taken(worker, rollout.missing(failures));
        if (!foreignContexts.isEmpty()) {
            worker.foreignContexts(foreignContexts);
        }
        retireOne();
        balance();
        dispatcher.offerWaiting();
    }

    /** For each ready worker of the present generation one of an older generation goes; with the last, all. */
    private void retireOne() {
        long on = workers.stream().filter(this::serves).count();
        List<WorkerHandle> old = workers.stream()
                .filter(worker -> rollout.isFormer(worker.generation()))
                .filter(WorkerHandle::isInService)
                .toList();
        old.stream().limit(on >= size.wanted() ? old.size() : 1).forEach(WorkerHandle::retire);
    }

    @Override
    protected boolean serves(WorkerHandle worker) {
        return rollout.isCurrent(worker.generation()) && worker.isOn();
    }

    // ---- workers

    @Override
    public void quotaReached(WorkerHandle worker) {
        recycling.remove(worker);
        worker.retire();
        balance();
    }

    @Override
    public void leaving(WorkerHandle worker) {
        LOG.info("Worker {} (pid {}) has got SIGTERM, and is replaced", worker, worker.pid());
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
        dispatcher.offerWaiting();
    }

    @Override
    protected CrashLoop crashes() {
        return rollout.crashes(rollout.current());
    }

    @Override
    protected void problemChanged() {
        rollout.roller().problem(problem());
    }

    @Override
    protected Stream<WorkerHandle> counted() {
        return inService(rollout.current());
    }

    private Stream<WorkerHandle> inService(Generation generation) {
        return workers.stream()
                .filter(worker -> worker.generation() == generation)
                .filter(WorkerHandle::isInService);
    }

    @Override
    protected int starting() {
        return starting(rollout.current());
    }

    @Override
    protected void balance() {
        if (isClosed()) {
            return;
        }
        Generation next = rollout.next();
        if (next != null) {
            start(next, rollout.tried(size.wanted()) - (int) inService(next).count() - starting(next));
        }
        if (rollout.current() != null) {
            start(rollout.current(), missing());
            letGoSurplus(WorkerHandle::connections);
        }
    }

    private void start(Generation generation, int missing) {
        int atOnce = Math.min(missing, STARTING_AT_ONCE - starting(generation));
        for (int i = rollout.crashes(generation).allowed(atOnce, System.nanoTime()); i > 0; i--) {
            start(generation);
        }
    }

    private int starting(Generation generation) {
        return starter.starting(generation)
                + (int) workers.stream()
                        .filter(worker -> worker.generation() == generation)
                        .filter(WorkerHandle::isStarting)
                        .count();
    }

    private void start(Generation generation) {
        String id = nextId();
        if (starter.start(id, generation, policy(), logLevels)) {
            rollout.crashes(generation).started(id);
        }
    }

    @Override
    public void started(WorkerLauncher.Launched launched, Generation generation, Lifetime lifetime) {
        if (isClosed() || rollout.isFormer(generation)) {
            launched.discard();
            return;
        }
        try {
            WorkerHandle worker = new WorkerHandle(launched, generation, lifetime, loop, this);
            workers.add(worker);
            // They may have changed while its process was being started.
            worker.logLevels(logLevels);
        } catch (IOException e) {
            LOG.error("Pool {}: worker {} cannot be watched: {}", name, launched.id(), e.getMessage());
            notStarted(launched.id(), generation, e.getMessage());
        }
    }

    @Override
    public void notStarted(String id, Generation generation, String reason) {
        CrashLoop crashes = rollout.crashes(generation);
        if (crashes != null) {
            crashes.startFailed(reason);
        }
        died(id, generation, false, reason);
    }

    @Override
    public void exited(WorkerHandle worker, WorkerState stateBefore) {
        gone(worker);
        partial.gone(worker);
        // A process's status is known a moment after its control socket has ended.
        worker.whenEnded(end -> {
            CrashLoop crashes = rollout.crashes(worker.generation());
            if (ended(worker, end, stateBefore == WorkerState.RETIRING, isClosed() || crashes == null)) {
                if (crashes != null && stateBefore == WorkerState.STARTING) {
                    crashes.startFailed(end.words());
                }
                died(worker.id(), worker.generation(), stateBefore != WorkerState.STARTING, end.words());
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
        CrashLoop crashes = rollout.crashes(generation);
        if (isClosed() || crashes == null) {
            return;
        }
        long now = System.nanoTime();
        CrashLimit limit = rollout.limit(generation, wasReady, policy(), now);
        boolean tooMany = crashes.died(id, reason, limit, now);
        if (rollout.isNext(generation)) {
            rollout.roller().startFailed(generation, reason);
            if (tooMany) {
                LOG.error(
                        "Pool {}: {} is given up, and its new code not served for now, because its workers do not get "
                                + "ready: {}",
                        name,
                        generation,
                        reason);
                long pauseNanos = rollout.pauseNanos(policy(), now);
                giveUpNext();
                rollout.roller().crashes(generation, reason, pauseNanos);
            }
        } else {
            if (tooMany) {
                logCrashLoop(limit, generation.toString());
            }
            if (crashes.isFailing()) {
                problemChanged();
            }
            if (isDown()) {
                dispatcher.refuseWaiting();
            }
        }
        balance();
    }

    /** Whether the pool is crash-looping and no worker serves, so that waiting may be in vain. */
    private boolean isDown() {
        return crashes().isLooping() && workers.stream().noneMatch(this::serves);
    }

    @Override
    public String problem() {
        CrashLoop crashes = crashes();
        return crashes == null ? "" : crashes.problem().isEmpty() ? partial.problem() : crashes.problem();
    }

    @Override
    public int waiting() {
        return dispatcher.waiting();
    }

    @Override
    public void close() {
        super.close();
        dispatcher.close();
        List.copyOf(workers).forEach(WorkerHandle::abandon);
    }
}
