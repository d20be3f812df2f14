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
 * What a pool does whatever its workers are: looks after them a few times a second, decides how many there are to be
 * and who goes, and remembers those that have ended. How one is started, and what it serves, is the kind's own. On the
 * event loop only.
 *
 * @param <M> the kind of workers
 */
public abstract class ProcessPool<M extends PoolWorker> implements PoolControl<M> {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessPool.class);

    private static final int TICKS_A_SECOND = 4;
    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1) / TICKS_A_SECOND;

    /** How many workers are remembered after their end. */
    private static final int PAST = 20;

    protected final String name;
    protected final IoEventLoop loop;
    /** Those that have not exited. */
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

    /** Looks whether a worker is well. @param stalledNanos how long the loop was kept from looking */
    protected abstract void look(M worker, long now, long stalledNanos);

    /** Whether a worker may be given requests. */
    protected abstract boolean serves(M worker);

    /** The workers that count: in service, and not about to go anyway. */
    protected abstract Stream<M> counted();

    /** How many workers are starting that will count. */
    protected abstract int starting();

    /** The deaths of the workers that count; null where there is nothing to serve. */
    protected abstract CrashLoop crashes();

    /** Starts the workers that are missing, as far as that is possible, and lets go those that are too many. */
    protected abstract void balance();

    /** What {@link #problem} says has changed. */
    protected void problemChanged() {
        // Of interest where somebody else shows it.
    }

    /** The workers were looked after. */
    protected void looked() {
        // Of interest to who has something waiting.
    }

    // ---- the policy

    @Override
    public void configure(PoolPolicy changed) {
        policy = changed;
        size.configure(changed);
        balance();
    }

    /** What it acts by, now. */
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

    /** How many more are to be started, of those that count. */
    protected int missing() {
        return size.wanted()
                + recycling.replacements(size.wanted())
                - (int) counted().count()
                - starting();
    }

    /** Lets go those that are too many: who is to be recycled, else who has the least to do. */
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

    /** A worker is not among the workers any more. */
    protected void gone(M worker) {
        workers.remove(worker);
        recycling.remove(worker);
    }

    /**
     * Remembers a worker that has ended, and says so in the log.
     *
     * @param wasRetiring whether it was on its way out
     * @param expected whether all workers end, for a reason that is known
     * @return whether that was a death: nobody wanted its end
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

    /** Says that it is crash-looping from now on. @param whose of which workers, for people */
    protected void logCrashLoop(CrashLimit limit, String whose) {
        LOG.error(
                "Pool {} is crash-looping: {} workers of {} ended within {} s. One at a time is tried now, ever "
                        + "later, until one holds for {} s",
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
