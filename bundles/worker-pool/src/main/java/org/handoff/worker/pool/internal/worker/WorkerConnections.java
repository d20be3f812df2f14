package org.handoff.worker.pool.internal.worker;

import java.util.List;
import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEventLoop;
import org.handoff.http.limits.HttpLimits;
import org.handoff.monitor.api.Connection;
import org.handoff.monitor.api.RoutedContext;
import org.handoff.worker.pool.internal.launch.WorkerLauncher;
import org.handoff.worker.pool.internal.plan.Generation;
import org.handoff.worker.protocol.ControlChannel;
import org.handoff.worker.protocol.Spill;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one worker: whether it takes one more, which ones it holds, and where they go after its death. On
 * the event loop only.
 */
final class WorkerConnections {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerConnections.class);

    private final WorkerHandle worker;
    private final HeldConnections held;
    private final Admission admission;
    private final RefusedConnections refused;
    private final WorkerLauncher.Launched launched;
    private final Share share = new Share();
    private ConnectionSender sender;
    /** When the worker was told to give its connections back, and how many it had. */
    private long offAt;

    private int heldWhenOff;

    WorkerConnections(
            WorkerHandle worker,
            WorkerLauncher.Launched launched,
            Generation generation,
            IoEventLoop loop,
            WorkerSupervisor supervisor) {
        this.worker = worker;
        this.launched = launched;
        held = new HeldConnections(
                launched.scoreboard(),
                HttpLimits.from(generation.settings().http()).writeTime());
        admission = new Admission(generation.settings().dispatch());
        refused = new RefusedConnections(worker, this, loop, supervisor);
    }

    /** Sets the channel for hand-offs. To be called before anything else. */
    void speakBy(ControlChannel channel) {
        sender = new ConnectionSender(worker.id(), channel, launched.scoreboard(), held);
    }

    HeldConnections held() {
        return held;
    }

    Admission admission() {
        return admission;
    }

    /** The connections that the worker's system does not let it serve. */
    RefusedConnections refused() {
        return refused;
    }

    /** The worker's share of the pool's requests. */
    Share share() {
        return share;
    }

    /** @return false if it holds as many as it can, or its control socket is full */
    boolean offer(Connection connection, boolean again) {
        if (!sender.send(connection, again)) {
            return false;
        }
        admission.taken();
        connection.handedOff(this::closed);
        return true;
    }

    /** Tells the worker which requests are foreign though a context of its own matches. */
    void foreignContexts(List<RoutedContext> contexts) {
        sender.foreignContexts(contexts);
    }

    /** Tells the worker that the file of a request has not arrived here, so that it keeps the request. */
    void noFile(Spill overflow) {
        sender.noFile(overflow);
    }

    private void closed(Connection connection) {
        HeldConnection was = held.get(connection.id());
        if (was != null) {
            forget(was);
            was.close();
            worker.capacityFreed();
        }
    }

    /** The worker does not hold a connection any more; the caller closes what was held. */
    void forget(HeldConnection one) {
        held.remove(one);
        share.left();
        tellIfOff();
    }

    /** The worker takes another connection. */
    void freed() {
        admission.freed();
        share.freed(System.nanoTime());
        worker.capacityFreed();
    }

    /** The worker's handlers are no longer slow. */
    void quick() {
        admission.quick();
        worker.capacityFreed();
    }

    /** The worker was told to give its connections back. */
    void off() {
        offAt = System.nanoTime();
        heldWhenOff = held.size();
        tellIfOff();
    }

    /** Logs that the worker is off, once it has given everything back. */
    void tellIfOff() {
        if (worker.isOff() && held.size() == 0) {
            LOG.info(
                    "Worker {} is off: it gave back {} connections within {} ms",
                    worker.id(),
                    heldWhenOff,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - offAt));
        }
    }

    /** The worker has ended: decides about each connection. */
    void decide() {
        if (held.size() > 0) {
            HeldConnections.Fates fates = held.decide(admission.late());
            if (fates.isLoss()) {
                LOG.warn("Worker {} (pid {}) has died: {}", worker.id(), worker.pid(), fates);
            } else {
                LOG.info("Worker {} (pid {}) has died: {}", worker.id(), worker.pid(), fates);
            }
        }
    }
}
