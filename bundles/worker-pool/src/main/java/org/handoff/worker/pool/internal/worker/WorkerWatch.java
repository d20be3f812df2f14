package org.handoff.worker.pool.internal.worker;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.netty.channel.IoEventLoop;
import org.handoff.worker.pool.internal.config.DumpCommand;
import org.handoff.worker.pool.internal.config.PoolPolicy;
import org.handoff.worker.pool.internal.launch.DumpProgram;
import org.handoff.worker.pool.internal.launch.WorkerLauncher;
import org.handoff.worker.pool.internal.supervision.Watch;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Frame;
import org.handoff.worker.protocol.FrameType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Enforces a worker's health: sends PINGs, and gets a thread dump of a handler that takes too long before the worker is
 * killed. On the event loop only.
 */
final class WorkerWatch implements Watch.Watched {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerWatch.class);

    /** How long a worker that is to be killed may take to write its thread dump. */
    private static final long DUMP_SECONDS = 2;

    private final WorkerHandle worker;
    private final WorkerLauncher.Launched launched;
    private final Admission admission;
    private final IoEventLoop loop;
    private final Supplier<PoolPolicy> policy;
    private final Watch watch = new Watch(this, System.nanoTime());
    private ControlChannel channel;
    private CompletableFuture<Void> dump;
    /** Whether a frame has asked the worker for the dump; otherwise a program makes it. */
    private boolean asked;

    private long checkedAt;

    /**
     * @param admission is told of requests that take too long
     * @param policy the pool's present one
     */
    WorkerWatch(
            WorkerHandle worker,
            WorkerLauncher.Launched launched,
            Admission admission,
            IoEventLoop loop,
            Supplier<PoolPolicy> policy) {
        this.worker = worker;
        this.launched = launched;
        this.admission = admission;
        this.loop = loop;
        this.policy = policy;
    }

    /** Sets the channel for frames. To be called before anything else. */
    void speakBy(ControlChannel control) {
        channel = control;
    }

    /** @param stalledNanos how long the loop was kept from looking */
    void check(long now, long stalledNanos) {
        // A debugger stops the worker, which then answers no PING.
        boolean stopped = dump != null && !dump.isDone() && !asked;
        watch.check(now, stopped ? now - checkedAt : stalledNanos, policy.get());
        checkedAt = now;
    }

    /** The worker has shown its health: it is ready, or has answered a PING. */
    void answered() {
        watch.answered(System.nanoTime());
    }

    /** The duration of the present request, as far as it was seen; 0 for none. */
    long handlingMillis() {
        return TimeUnit.NANOSECONDS.toMillis(watch.handlingNanos(System.nanoTime()));
    }

    @Override
    public long handling() {
        return launched.scoreboard().handling();
    }

    @Override
    public long handlingSince() {
        return launched.scoreboard().handlingSince();
    }

    @Override
    public void ping() {
        channel.send(Frame.of(FrameType.PING));
    }

    @Override
    public void kill(String why) {
        worker.kill(why);
    }

    @Override
    public void stuck(long connection, String why) {
        LOG.warn("Worker {} (pid {}): {}. Its dump follows, then it is killed", worker.id(), worker.pid(), why);
        worker.note(why);
        admission.late(connection);
        CompletableFuture<Void> its = dump();
        Runnable kill = () -> {
            // Not after the dump of a later request: that one has its own time.
            if (dump == its && admission.late() != 0 && worker.isAlive()) {
                if (watch.isStillStuck()) {
                    kill(why);
                } else {
                    admission.late(0);
                    LOG.info("Worker {} goes on: that request has ended after all", worker.id());
                    worker.capacityFreed();
                }
            }
        };
        its.whenComplete((done, failure) -> kill.run());
        loop.schedule(kill, asked ? DUMP_SECONDS : DumpProgram.SECONDS, TimeUnit.SECONDS);
    }

    /**
     * Requests a dump of the worker's threads, of the worker or of the program that the pool has for it.
     *
     * @return completed, on the loop, when it is written; exceptionally if it cannot be, or the worker ends before
     */
    CompletableFuture<Void> dump() {
        if (dump == null || dump.isDone()) {
            dump = new CompletableFuture<>();
            launched.output().expect();
            DumpCommand command = policy.get().dumpCommand();
            asked = command == null;
            if (asked) {
                channel.send(Frame.of(FrameType.DUMP));
            } else {
                runs(command, dump);
            }
        }
        return dump;
    }

    private void runs(DumpCommand command, CompletableFuture<Void> told) {
        DumpProgram.start(worker.id(), command.about(worker.pid()), launched.output())
                .whenComplete((done, failure) -> {
                    try {
                        loop.execute(() -> finish(told, failure));
                    } catch (RejectedExecutionException e) {
                        LOG.debug("the monitor has stopped while worker {} was dumped", worker.id(), e);
                    }
                });
    }

    private static void finish(CompletableFuture<Void> told, Throwable failure) {
        if (failure == null) {
            told.complete(null);
        } else {
            told.completeExceptionally(failure);
        }
    }

    /** The worker has written its dump. */
    void dumped() {
        if (dump != null && asked) {
            dump.complete(null);
        }
    }

    /** The worker has ended. */
    void ended() {
        if (dump != null) {
            dump.completeExceptionally(new IOException("worker " + worker.id() + " has ended"));
        }
    }
}
