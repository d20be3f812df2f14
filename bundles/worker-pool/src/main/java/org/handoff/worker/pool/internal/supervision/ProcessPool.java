package org.handoff.worker.pool.internal.supervision;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import org.handoff.worker.pool.internal.config.CrashLimit;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a pool that all kinds share: looks after workers a few times a second, decides their number and which one
 * goes, and remembers those that have ended. Starting them and bringing them requests belongs to the kind. On the event
 * loop only.
 *
 * @param <M> the kind of workers
 */
public abstract class ProcessPool<M extends PoolWorker> implements PoolControl<M> {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessPool.class);

    private static final int TICKS_A_SECOND = 4;
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1) / TICKS_A_SECOND;

    /** The number of workers remembered after their end. */
    private static final int PAST = 20;

    protected final String name;
    protected final IoEventLoop loop;
    /** The workers that have not exited. */
    protected final List<M> workers = new ArrayList<>();

    protected final Recycling<M> recycling = new Recycling<>();
    protected final PoolSize size;
    private final Future<?> tick;
    private final Deque<WorkerReport> past = new ArrayDeque<>();
    private PoolPolicy policy;
    private long lastTick = System.nanoTime();
    private int ticks;
    private int lastNumber;
    private boolean closed;

    protected ProcessPool(String name, IoEventLoop loop, PoolPolicy policy) {
        this.name = name;
        this.loop = loop;
        this.policy = policy;
        this.size = new PoolSize(policy);
        this.tick = loop.scheduleWithFixedDelay(this::tick, TICK_NANOS, TICK_NANOS, TimeUnit.NANOSECONDS);
    }

    // ---- what the kind says

    /** Checks a worker's health. @param stalledNanos how long the loop was kept from looking */
    protected abstract void look(M worker, long now, long stalledNanos);

    /** Whether a worker may be given requests. */
    protected abstract boolean serves(M worker);

    /** The workers that count: in service, and not about to go anyway. */
    protected abstract Stream<M> counted();

    /** The number of starting workers that will count. */
    protected abstract int starting();

    /** The deaths of the workers that count; null if there is nothing to serve. */
    protected abstract CrashLoop crashes();

    /** Starts missing workers, as far as possible, and retires surplus ones. */
    protected abstract void balance();

    /** The result of {@link #problem} has changed. */
    protected void problemChanged() {
        // Only some kinds publish the problem.
    }

    /** All workers were looked after. */
    protected void looked() {
        // Only some kinds have waiting requests.
    }

    // ---- the policy

    @Override
    public void configure(PoolPolicy changed) {
        policy = changed;
        size.configure(changed);
        balance();
    }

    /** The present policy. */
    public PoolPolicy policy() {
        return policy;
    }

    @Override
    public int size() {
        return size.wanted();
    }

    protected boolean isClosed() {
        return closed;
    }

    // ---- looking after workers

    private void tick() {
        try {
            long now = System.nanoTime();
            long stalled = now - lastTick - TICK_NANOS;
            lastTick = now;
            List.copyOf(workers).forEach(worker -> look(worker, now, stalled > TICK_NANOS ? stalled : 0));
            if (crashes() != null) {
                tick(crashes(), now);
                balance();
                looked();
            }
        } catch (RuntimeException e) {
            LOG.error("Pool {}: looking after its workers failed", name, e);
        }
    }

    private void tick(CrashLoop crashes, long now) {
        List<M> serving = workers.stream().filter(this::serves).toList();
        recycling.check(serving, policy);
        if (++ticks % TICKS_A_SECOND == 0) {
            recycling.checkMemory(serving, policy);
        }
        size.growIfBusy(waiting(), serving.size(), starting());
        M idle = crashes.isLooping() ? null : size.shrinkIfIdle(serving, now);
        if (idle != null) {
            LOG.info(
                    "Worker {} (pid {}) retires: it had nothing to do for idle.timeout = {} s",
                    idle,
                    idle.pid(),
                    policy.idleSeconds());
            recycling.remove(idle);
            idle.retire();
        }
        if (crashes.probe() != null
                && workers.stream()
                        .anyMatch(worker ->
                                worker.id().equals(crashes.probe()) && worker.readyNanos() >= CrashLoop.HOLD_NANOS)) {
            LOG.info("Pool {} is not crash-looping any more: worker {} holds", name, crashes.probe());
            crashes.held();
            problemChanged();
        }
    }

    @Override
    public boolean recycle(M worker) {
        if (counted().noneMatch(worker::equals)) {
            return false;
        }
        recycling.add(worker);
        balance();
        return true;
    }

    /** The number of workers still to be started, of those that count. */
    protected int missing() {
        return size.wanted()
                + recycling.replacements(size.wanted())
                - (int) counted().count()
                - starting();
    }

    /** Retires surplus workers: those to be recycled first, then those with the least load. */
    protected void letGoSurplus(ToIntFunction<M> load) {
        for (long surplus = counted().count() - size.wanted(); surplus > 0; surplus--) {
            M recycled = recycling.poll();
            M leaving = recycled != null
                    ? recycled
                    : counted().min(Comparator.comparingInt(load)).orElseThrow();
            leaving.retire();
        }
    }

    protected String nextId() {
        return name + "-" + ++lastNumber;
    }

    // ---- the end of workers

    /** A worker has left the list of workers. */
    protected void gone(M worker) {
        workers.remove(worker);
        recycling.remove(worker);
    }

    /**
     * Remembers a worker that has ended, and logs that.
     *
     * @param wasRetiring whether it was on its way out
     * @param expected whether all workers end, for a known reason
     * @return whether that was a death: an end without a command
     */
    protected boolean ended(M worker, WorkerEnd end, boolean wasRetiring, boolean expected) {
        WorkerReport report = worker.report(name, end.words());
        if (past.size() == PAST) {
            past.remove();
        }
        past.add(report);
        if (wasRetiring && end.isClean()) {
            LOG.info("Worker {} (pid {}) has retired after {} requests", worker, worker.pid(), worker.requests());
        } else if (wasRetiring) {
            LOG.error(
                    "Worker {} (pid {}, {}) has ended while it retired: {}",
                    worker,
                    worker.pid(),
                    report.generation(),
                    end.words());
        } else if (end.byCommand() || expected) {
            LOG.info("Worker {} (pid {}, {}) has ended: {}", worker, worker.pid(), report.generation(), end.words());
        } else {
            LOG.error("Worker {} (pid {}, {}) has ended: {}", worker, worker.pid(), report.generation(), end.words());
            return true;
        }
        return false;
    }

    /** Logs that workers are crash-looping from now on. @param whose which workers, for people */
    protected void logCrashLoop(CrashLimit limit, String whose) {
        LOG.error(
                "Pool {} is crash-looping: {} workers of {} ended within {} s. One at a time is tried now, with "
                        + "growing pauses, until one holds for {} s",
                name,
                limit.deaths(),
                whose,
                limit.seconds(),
                TimeUnit.NANOSECONDS.toSeconds(CrashLoop.HOLD_NANOS));
    }

    // ---- for people

    @Override
    public List<WorkerReport> past() {
        return List.copyOf(past);
    }

    @Override
    public List<M> workers() {
        return workers.stream()
                .sorted(Comparator.comparingLong(PoolWorker::ageNanos).reversed())
                .toList();
    }

    @Override
    public void close() {
        closed = true;
        tick.cancel(false);
    }

    @Override
    public String toString() {
        return "pool " + name;
    }
}
