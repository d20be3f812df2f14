package org.handoff.worker.pool.internal;

import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.handoff.worker.pool.internal.launch.DumpProgram;
import org.handoff.worker.pool.internal.supervision.PoolControl;
import org.handoff.worker.pool.internal.supervision.PoolWorker;
import org.handoff.worker.protocol.Inspect;
import org.handoff.worker.protocol.Inspected;

/** Questions to the workers of a pool, each with a limited time for the answer. Any thread but the event loop. */
public final class WorkerQuestions {

    private static final int DUMP_SECONDS = 5 + DumpProgram.SECONDS;
    private static final int INSPECT_SECONDS = 10;

    private final String pool;
    private final MonitorLoop loop;
    private final PoolControl<?> control;

    WorkerQuestions(String pool, MonitorLoop loop, PoolControl<?> control) {
        this.pool = pool;
        this.loop = loop;
        this.control = control;
    }

    /**
     * Requests a thread dump of a worker into the log, and waits for it.
     *
     * @throws IllegalArgumentException if the worker is gone, or does not write it in time
     */
    public void dump(String id) {
        await(
                id,
                "no dump",
                DUMP_SECONDS,
                loop.call(() -> PoolComponent.find(control, id).dump()));
    }

    /**
     * Asks a worker what its framework contains, and waits for the answer.
     *
     * @param id the worker's; or the pool's name, for its newest worker that is ready
     * @return the rows of a table
     * @throws IllegalArgumentException if there is no such worker, it has no framework, or it does not answer in time
     */
    public List<List<String>> inspect(String id, Inspect.Subject subject) {
        Inspected table = await(
                id,
                "no answer",
                INSPECT_SECONDS,
                loop.call(
                        () -> (id.equals(pool) ? newest(control) : PoolComponent.find(control, id)).inspect(subject)));
        return table.rows();
    }

    private <M extends PoolWorker> M newest(PoolControl<M> all) {
        return all.workers().stream()
                .filter(PoolWorker::isInService)
                .min(Comparator.comparingLong(PoolWorker::ageNanos))
                .orElseThrow(() -> new IllegalArgumentException("pool " + pool + " has no worker that is ready"));
    }

    private static <T> T await(String id, String none, int seconds, CompletableFuture<T> answer) {
        try {
            return answer.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalArgumentException(
                    "worker " + id + " gives " + none + " within " + seconds + " s"
                            + (e.getCause() == null
                                    ? "; worker:kill ends it"
                                    : ": " + e.getCause().getMessage()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalArgumentException("interrupted while worker " + id + " is asked", e);
        }
    }
}
