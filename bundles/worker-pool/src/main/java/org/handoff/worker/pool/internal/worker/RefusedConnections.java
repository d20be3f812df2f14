package org.handoff.worker.pool.internal.worker;

import java.util.concurrent.TimeUnit;

import io.netty.channel.IoEventLoop;
import org.handoff.http.limits.Complaint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections that a worker cannot serve because its system refuses a call: they go to other workers, or are decided
 * about as after its death, and the log says so now and then. On the event loop only.
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

    RefusedConnections(
            WorkerHandle worker, WorkerConnections connections, IoEventLoop loop, WorkerSupervisor supervisor) {
        this.worker = worker;
        this.connections = connections;
        this.loop = loop;
        this.supervisor = supervisor;
    }

    /** The worker has no descriptor for a connection, or cannot watch it. */
    void notTaken(HeldConnection was) {
        complain(
                notTaken,
                "Worker {} (pid {}) cannot take connections, {} so far: {}. Raise the limit of open files "
                        + "(ulimit -n) of Karaf's process, which workers inherit",
                "it has too many descriptors open, or its system refuses to watch them");
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
            HeldConnections.Fates fates = connections.held().decide(was);
            complain(
                    failed,
                    "Worker {} (pid {}) has given up connections, {} so far, as the system refuses calls there: see "
                            + "to the memory of this machine. Of the last one: {}",
                    fates);
            connections.tellIfOff();
        }
        supervisor.capacityFreed(worker);
    }

    /** @param text with places for the worker's id, its pid, the number of events, and the detail */
    private void complain(Complaint complaint, String text, Object detail) {
        complaint.happens();
        if (complaint.take(System.nanoTime()) > 0) {
            LOG.error(text, worker.id(), worker.pid(), complaint.times(), detail);
        }
    }
}
