package org.handoff.worker.pool.internal.supervision;

import java.util.List;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.PoolPolicy;

/**
 * The wanted number of workers: as configured, more while connections wait, fewer when idle. On the event loop only.
 */
public final class PoolSize {

    private PoolPolicy policy;
    private int wanted;
    /** Whether connections waited at the last look: only those that still wait at the next one are worth a worker. */
    private boolean waited;

    PoolSize(PoolPolicy policy) {
        this.policy = policy;
        this.wanted = policy.workers();
    }

    /** Takes a changed policy: a changed number of workers at once, otherwise only the demands of the new limits. */
    void configure(PoolPolicy changed) {
        wanted = changed.workers() != policy.workers()
                ? changed.workers()
                : Math.max(changed.minWorkers(), Math.min(changed.maxWorkers(), wanted));
        policy = changed;
    }

    public int wanted() {
        return wanted;
    }

    /** There are requests: one worker at least. */
    public void needOne() {
        wanted = Math.max(1, wanted);
    }

    /**
     * Grows if connections wait, at most to twice as many workers at a time.
     *
     * @param waiting the connections that wait for a worker
     * @param on the workers that serve
     * @param starting the workers that will serve soon
     */
    void growIfBusy(int waiting, int on, int starting) {
        boolean busy = waited && waiting > starting;
        waited = waiting > 0;
        if (busy && wanted < policy.maxWorkers() && starting < Math.max(1, on)) {
            wanted++;
        }
    }

    /**
     * Shrinks by one if a worker was idle for long.
     *
     * @param serving the workers that serve
     * @return the one that is to go, or null
     */
    <M extends PoolWorker> M shrinkIfIdle(List<M> serving, long now) {
        if (wanted <= policy.minWorkers() || serving.size() < wanted) {
            return null;
        }
        long idle = TimeUnit.SECONDS.toNanos(policy.idleSeconds());
        M leaving = serving.stream()
                .filter(worker -> worker.idleNanos(now) >= idle && !worker.isBusy())
                .findFirst()
                .orElse(null);
        if (leaving != null) {
            wanted--;
        }
        return leaving;
    }
}
