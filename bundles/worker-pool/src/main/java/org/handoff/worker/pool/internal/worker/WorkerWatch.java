package org.handoff.worker.pool.internal.worker;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEventLoop;
import org.handoff.worker.pool.internal.config.PoolPolicy;
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
    private final Watch watch = new Watch(this, System.nanoTime());
    private ControlChannel channel;
    private CompletableFuture<Void> dump;

    /** @param admission is told of requests that take too long */
    WorkerWatch(WorkerHandle worker, WorkerLauncher.Launched launched, Admission admission, IoEventLoop loop) {
        this.worker = worker;
        this.launched = launched;
        this.admission = admission;
        this.loop = loop;
    }

    /** Sets the channel for frames. To be called before anything else. */
    void speakBy(ControlChannel control) {
        channel = control;
    }

    /** @param stalledNanos how long the loop was kept from looking */
    void check(long now, long stalledNanos, PoolPolicy policy) {
        watch.check(now, stalledNanos, policy);
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
        LOG.warn("Worker {} (pid {}): {}. Its thread dump follows, then it is killed", worker.id(), worker.pid(), why);
        worker.note(why);
        admission.late(connection);
        Runnable kill = () -> {
            if (admission.late() != 0 && worker.isAlive()) {
                if (watch.isStillStuck()) {
                    kill(why);
                } else {
                    admission.late(0);
                    LOG.info("Worker {} goes on: that request has ended after all", worker.id());
                    worker.capacityFreed();
                }
            }
        };
        dump().thenRun(kill);
        loop.schedule(kill, DUMP_SECONDS, TimeUnit.SECONDS);
    }

    /** Requests a thread dump. @return completed when it is written; exceptionally if the worker ends before */
    CompletableFuture<Void> dump() {
        if (dump == null || dump.isDone()) {
            dump = new CompletableFuture<>();
            launched.output().expect();
            channel.send(Frame.of(FrameType.DUMP));
        }
        return dump;
    }

    /** The dump is written. */
    void dumped() {
        if (dump != null) {
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
