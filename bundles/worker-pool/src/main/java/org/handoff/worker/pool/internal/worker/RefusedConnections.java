package org.handoff.worker.pool.internal.worker;

import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEventLoop;
import org.handoff.http.limits.Complaint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections that a worker cannot serve because its system refuses a call: they go to other workers, or are decided
 * about as after its death, and the log has their numbers once a minute. On the event loop only.
 */
final class RefusedConnections {

    private static final Logger LOG = LoggerFactory.getLogger(RefusedConnections.class);

    /** How long a worker that had no descriptor for a connection gets no other one. */
    private static final int EXHAUSTED_SECONDS = 1;

    private final WorkerHandle worker;
    private final WorkerConnections connections;
    private final IoEventLoop loop;
    private final WorkerSupervisor supervisor;
    private final Complaint notTaken = new Complaint();
    private final Complaint failed = new Complaint();
    /** What became of the last connection that was given up. */
    private HeldConnections.Fates lastFates;

    RefusedConnections(
            WorkerHandle worker, WorkerConnections connections, IoEventLoop loop, WorkerSupervisor supervisor) {
        this.worker = worker;
        this.connections = connections;
        this.loop = loop;
        this.supervisor = supervisor;
    }

    /** The worker has no descriptor for a connection, or cannot watch it. */
    void notTaken(HeldConnection was) {
        notTaken.happens();
        tell(System.nanoTime());
        connections.admission().exhausted(true);
        loop.schedule(
                () -> {
                    connections.admission().exhausted(false);
                    supervisor.capacityFreed(worker);
                },
                EXHAUSTED_SECONDS,
                TimeUnit.SECONDS);
        was.connection().notTaken();
        // A connection of a warm-up is for no other worker, and has ended.
        if (was.connection().isOpen()) {
            supervisor.notTaken(was.connection(), was.again());
        }
    }

    /** The worker's system refuses a call that a connection needs there. */
    void failed(HeldConnection was) {
        if (connections.held().isAsHandedOff(was)) {
            connections.forget(was);
            notTaken(was);
            was.close();
        } else {
            lastFates = connections.held().decide(was);
            failed.happens();
            tell(System.nanoTime());
            connections.tellIfOff();
        }
        supervisor.capacityFreed(worker);
    }

    /** Logs the numbers, each once a minute. */
    void tell(long now) {
        if (notTaken.take(now) > 0) {
            LOG.error(
                    "Worker {} (pid {}) cannot take connections, {} so far: it has too many descriptors open, or its "
                            + "system refuses to watch them. Raise the limit of open files (ulimit -n) of Karaf's "
                            + "process, which workers inherit",
                    worker.id(),
                    worker.pid(),
                    notTaken.times());
        }
        if (failed.take(now) > 0) {
            LOG.error(
                    "Worker {} (pid {}) has given up connections, {} so far, as the system refuses calls there: see "
                            + "to the memory of this machine. Of the last one: {}",
                    worker.id(),
                    worker.pid(),
                    failed.times(),
                    lastFates);
        }
    }
}
