package org.handoff.worker.pool.internal.supervision;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers that are to be replaced by others of the same generation, by command or because they have lived long
 * enough. On the event loop only.
 *
 * @param <M> the kind of workers
 */
public final class Recycling<M extends PoolWorker> {

    private static final Logger LOG = LoggerFactory.getLogger(Recycling.class);

    /** If a new worker is too big at once, replacing it over and over is of no use. */
    private static final long MEMORY_GRACE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final int PART_AT_ONCE = 10;

    private final Deque<M> queue = new ArrayDeque<>();

    void add(M worker) {
        if (!queue.contains(worker)) {
            queue.add(worker);
        }
    }

    public void remove(M worker) {
        queue.remove(worker);
    }

    public void clear() {
        queue.clear();
    }

    /** The next one to go, or null. */
    M poll() {
        return queue.poll();
    }

    /** The number of replacements allowed now, with this number of workers. */
    int replacements(int workers) {
        return Math.min(queue.size(), Math.max(1, workers / PART_AT_ONCE));
    }

    /** Queues the workers that have lived long enough. @param workers those that are in service */
    void check(List<M> workers, PoolPolicy policy) {
        for (M worker : workers) {
            long enough = worker.lifetime().enoughRequests(policy);
            long age = worker.lifetime().maxAgeNanos(policy);
            if (enough > 0 && worker.requests() >= enough) {
                add(
                        worker,
                        "it has answered " + worker.requests() + " requests; max.requests = " + policy.maxRequests());
            } else if (age > 0 && worker.ageNanos() >= age) {
                add(
                        worker,
                        "it is " + TimeUnit.NANOSECONDS.toSeconds(worker.ageNanos()) + " s old; max.age = "
                                + policy.maxAgeSeconds());
            }
        }
    }

    /** Queues the workers that have become too big. @param workers those that are in service */
    void checkMemory(List<M> workers, PoolPolicy policy) {
        if (policy.maxMemory() == 0 && policy.maxMemoryPool() == 0) {
            return;
        }
        Map<M, Long> sizes = new HashMap<>();
        workers.forEach(worker -> sizes.put(worker, worker.residentBytes()));
        sizes.forEach((worker, bytes) -> {
            if (policy.maxMemory() > 0 && bytes > policy.maxMemory() && worker.readyNanos() > MEMORY_GRACE_NANOS) {
                add(worker, "it has " + mebibytes(bytes) + "; max.memory = " + mebibytes(policy.maxMemory()));
            }
        });
        long all =
                sizes.values().stream().mapToLong(bytes -> Math.max(0, bytes)).sum();
        if (policy.maxMemoryPool() > 0 && all > policy.maxMemoryPool() && queue.isEmpty()) {
            sizes.keySet().stream()
                    .filter(worker -> worker.readyNanos() > MEMORY_GRACE_NANOS)
                    .max(Comparator.comparing(sizes::get))
                    .ifPresent(biggest -> add(
                            biggest,
                            "all workers together have " + mebibytes(all) + ", most of it this one; max.memory.pool = "
                                    + mebibytes(policy.maxMemoryPool())));
        }
    }

    private void add(M worker, String why) {
        if (!queue.contains(worker)) {
            LOG.info("Worker {} is to be replaced: {}", worker, why);
            queue.add(worker);
        }
    }

    private static String mebibytes(long bytes) {
        return bytes / (1024 * 1024) + " MiB";
    }
}
