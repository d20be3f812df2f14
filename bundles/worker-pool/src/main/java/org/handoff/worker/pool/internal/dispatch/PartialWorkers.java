package org.handoff.worker.pool.internal.dispatch;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

import io.netty.channel.IoEventLoop;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.worker.pool.internal.plan.HandlerPlan;
import org.handoff.worker.pool.internal.supervision.BackOff;
import org.handoff.worker.pool.internal.worker.WorkerHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Workers that miss handlers which their generation serves: a handler may fail in one process alone. Such a worker is
 * refused while another one serves the handler. Otherwise it is taken, as it serves all other handlers; requests for
 * the missing ones, which it gives back as foreign, are answered 503, and another worker is tried with exponential
 * back-off. On the event loop only.
 */
final class PartialWorkers {

    private static final Logger LOG = LoggerFactory.getLogger(PartialWorkers.class);

    private final IoEventLoop loop;
    private final List<WorkerHandle> workers;
    private final Predicate<WorkerHandle> serves;
    private final Predicate<WorkerHandle> recycle;
    private final Runnable problemChanged;
    /** The missing handlers of each partial worker, with the reasons. */
    private final Map<WorkerHandle, Map<HandlerPlan, String>> missing = new HashMap<>();

    private BackOff backOff = new BackOff();
    private boolean trying;
    /** When another worker is tried, by {@link System#nanoTime}. */
    private long nextTry;

    /**
     * @param workers the pool's present workers
     * @param serves which of them may be given connections
     * @param recycle replaces a worker in service when its replacement is ready; false for any other worker
     * @param problemChanged called when the result of {@link #problem} has changed
     */
    PartialWorkers(
            IoEventLoop loop,
            List<WorkerHandle> workers,
            Predicate<WorkerHandle> serves,
            Predicate<WorkerHandle> recycle,
            Runnable problemChanged) {
        this.loop = loop;
        this.workers = workers;
        this.serves = serves;
        this.recycle = recycle;
        this.problemChanged = problemChanged;
    }

    /**
     * The reason for which a worker that is ready is not taken into service, or null.
     *
     * @param failures the handlers that it misses, by their numbers, and the reasons
     */
    String refusal(WorkerHandle worker, SortedMap<Integer, String> failures) {
        for (Map.Entry<HandlerPlan, String> one : handlers(worker, failures).entrySet()) {
            if (serving().anyMatch(other -> has(other, one.getKey()))) {
                return "it does not serve " + one.getKey().description() + ", as other workers of "
                        + worker.generation() + " do: " + one.getValue();
            }
        }
        return null;
    }

    /** A worker is taken into service. @param failures as for {@link #refusal} */
    void taken(WorkerHandle worker, SortedMap<Integer, String> failures) {
        if (failures.isEmpty()) {
            backOff = new BackOff();
            List.copyOf(missing.keySet()).forEach(recycle::test);
        } else {
            missing.put(worker, handlers(worker, failures));
            LOG.error(
                    "Worker {} (pid {}, {}) serves without some handlers, as no other worker has them: {}. Their "
                            + "requests are answered 503, and another worker is tried",
                    worker,
                    worker.pid(),
                    worker.generation(),
                    words(missing.get(worker)));
            tryLater();
            problemChanged.run();
        }
    }

    /** A worker has ended. */
    void gone(WorkerHandle worker) {
        if (missing.remove(worker) != null) {
            problemChanged.run();
        }
    }

    private void tryLater() {
        if (trying) {
            return;
        }
        trying = true;
        long millis = backOff.nextMillis();
        nextTry = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        loop.schedule(this::tryAnother, millis, TimeUnit.MILLISECONDS);
    }

    private void tryAnother() {
        trying = false;
        for (WorkerHandle one : List.copyOf(missing.keySet())) {
            if (recycle.test(one)) {
                // Whatever becomes of the attempt: a roll that fails drops it, for example.
                tryLater();
                return;
            }
        }
    }

    // ---- requests

    /** Whether a worker may get requests for a context. @param context null if it is not known */
    boolean serves(WorkerHandle worker, RoutedContext context) {
        return missing.isEmpty()
                || missing(worker).flatMap(PartialWorkers::contexts).noneMatch(one -> one.equals(context));
    }

    /** Whether no worker serves a context though some are in service. @param context null if it is not known */
    boolean isMissing(RoutedContext context) {
        return !missing.isEmpty()
                && serving().findAny().isPresent()
                && serving().noneMatch(worker -> serves(worker, context));
    }

    /** Whether there are partial workers. */
    boolean exist() {
        return !missing.isEmpty();
    }

    /** Seconds until another worker is tried, 1 at least: for clients. */
    int retrySeconds() {
        long left = nextTry - System.nanoTime();
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toSeconds(left) + 1);
    }

    /** The state for people; empty if each worker in service serves all handlers. */
    String problem() {
        return serving()
                .filter(missing::containsKey)
                .findFirst()
                .map(worker ->
                        "worker " + worker + " serves without " + words(missing.get(worker)) + "; another one is tried")
                .orElse("");
    }

    private Stream<WorkerHandle> serving() {
        return workers.stream().filter(serves);
    }

    private boolean has(WorkerHandle worker, HandlerPlan handler) {
        return missing(worker).noneMatch(handler::equals);
    }

    private Stream<HandlerPlan> missing(WorkerHandle worker) {
        return missing.getOrDefault(worker, Map.of()).keySet().stream();
    }

    private static Map<HandlerPlan, String> handlers(WorkerHandle worker, SortedMap<Integer, String> failures) {
        Map<HandlerPlan, String> handlers = new HashMap<>();
        failures.forEach(
                (number, reason) -> handlers.put(worker.generation().handlers().get(number - 1), reason));
        return handlers;
    }

    private static Stream<RoutedContext> contexts(HandlerPlan handler) {
        return handler.contexts().stream().map(context -> new RoutedContext(context, handler.host()));
    }

    private static String words(Map<HandlerPlan, String> missing) {
        return String.join(
                "; ",
                missing.entrySet().stream()
                        .map(one -> one.getKey().description() + ": " + one.getValue())
                        .toList());
    }
}
