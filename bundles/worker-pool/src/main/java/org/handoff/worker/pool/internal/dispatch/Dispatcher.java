package org.handoff.worker.pool.internal.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import io.netty.channel.IoEventLoop;
import io.netty.util.concurrent.Future;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.worker.Shares;
import org.handoff.worker.pool.internal.worker.WorkerHandle;

/**
 * Hands a pool's connections to the workers that are due for them, and keeps those that have to wait. On the event loop
 * only.
 */
final class Dispatcher {

    private final IoEventLoop loop;
    private final List<WorkerHandle> workers;
    private final Predicate<WorkerHandle> serves;
    private final PartialWorkers partial;
    private final WaitingQueue waiting = new WaitingQueue();
    private final Future<?> sweep;
    private final Shares shares = new Shares();
    /** Whether waiting connections are offered again in a moment. */
    private boolean awaiting;
    /** Whether a look at the shares is under way. */
    private boolean sharing;

    private boolean closed;

    /** @param workers the pool's present workers @param serves which of them may be given connections */
    Dispatcher(IoEventLoop loop, List<WorkerHandle> workers, Predicate<WorkerHandle> serves, PartialWorkers partial) {
        this.loop = loop;
        this.workers = workers;
        this.serves = serves;
        this.partial = partial;
        this.sweep = loop.scheduleAtFixedRate(waiting::sweep, 1, 1, TimeUnit.SECONDS);
    }

    /** Whether connections may come unread. */
    boolean takesUnread() {
        // A worker that takes one request at a time has its turn too: then the request is read first.
        WorkerHandle due = due(null, false, List.of());
        return due != null && due.keepsConnections();
    }

    /**
     * Hands a connection to the worker that is due for it; answers it if no worker serves its context.
     *
     * @param again whether a worker could not take it before
     * @return false if none takes it
     */
    boolean dispatch(Connection connection, boolean again) {
        RoutedContext context = connection.context();
        if (partial.isMissing(context)) {
            connection.unavailable(partial.retrySeconds());
            return true;
        }
        List<WorkerHandle> full = new ArrayList<>(0);
        // An unread connection is for workers that take any number, if one of them can.
        WorkerHandle due = !connection.unused().isEmpty() ? null : due(context, true, full);
        for (due = due == null ? due(context, false, full) : due; due != null; due = due(context, false, full)) {
            if (offer(due, connection, again)) {
                return true;
            }
            full.add(due);
        }
        lookForTheWaiting(context);
        return false;
    }

    /** A worker that leaves its turn to others has it after all if they do not come for it. */
    private void lookForTheWaiting(RoutedContext context) {
        if (!awaiting
                && workers.stream()
                        .anyMatch(worker -> serves.test(worker) && worker.takes() && partial.serves(worker, context))) {
            awaiting = true;
            loop.schedule(
                    () -> {
                        awaiting = false;
                        offerWaiting();
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
     * @param context of its request, or null
     * @param keeping whether only of those that keep connections
     * @param full those that cannot take it
     */
    private WorkerHandle due(RoutedContext context, boolean keeping, List<WorkerHandle> full) {
        return shares.due(
                workers,
                worker -> serves.test(worker)
                        && worker.takes()
                        && (!keeping || worker.keepsConnections())
                        && partial.serves(worker, context)
                        && !full.contains(worker));
    }

    /** Looks how evenly requests come to the workers, as long as they hold connections. */
    private void share() {
        List<WorkerHandle> serving = workers.stream().filter(serves).toList();
        sharing = !closed && serving.stream().anyMatch(worker -> worker.connections() > 0);
        if (sharing) {
            shares.look(serving);
            loop.schedule(this::share, Shares.LOOK_NANOS, TimeUnit.NANOSECONDS);
        } else {
            shares.forget(workers);
        }
    }

    /** Keeps a connection until a worker takes it, as long as the policy allows. */
    void queue(Connection connection, boolean again, PoolPolicy policy) {
        waiting.add(connection, again, policy.queueLength(), policy.queueSeconds());
    }

    /** Offers waiting connections to the workers. */
    void offerWaiting() {
        // A request that only some workers may get holds up none that others may.
        waiting.offer(this::dispatch, partial.exist());
    }

    /** The number of connections that wait for a worker. */
    int waiting() {
        return waiting.size();
    }

    /** Answers all waiting connections 503. */
    void refuseWaiting() {
        waiting.clear();
    }

    void close() {
        closed = true;
        sweep.cancel(false);
        waiting.clear();
    }
}
