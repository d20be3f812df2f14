package org.handoff.worker.pool.internal.supervision;

import java.util.List;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.PoolPolicy;

/**
 * How many workers a pool is to have: as many as are configured, more while connections wait, fewer while there is
 * nothing to do. On the event loop only.
 */
public final class PoolSize {

    private PoolPolicy policy;
    private int wanted;
    /** Whether connections waited at the last look: only what still waits at the next one is worth a worker. */
    private boolean waited;

    PoolSize(PoolPolicy policy) {
        this.policy = policy;
        this.wanted = policy.workers();
    }

    /** Takes a changed policy: a changed number of workers at once, else only what the new limits demand. */
    void configure(PoolPolicy changed) {
        wanted = changed.workers() != policy.workers()
                ? changed.workers()
                : Math.max(changed.minWorkers(), Math.min(changed.maxWorkers(), wanted));
        policy = changed;
    }

    public int wanted() {
        return wanted;
    }

    /** There is something to do: one worker at least. */
    public void needOne() {
        wanted = Math.max(1, wanted);
    }

    /**
     * Grows where connections wait, by as many workers as there are at a time.
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
     * Shrinks where a worker has had nothing to do for long, by one at a time.
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
