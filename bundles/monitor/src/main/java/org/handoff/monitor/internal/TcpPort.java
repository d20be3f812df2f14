package org.handoff.monitor.internal;

import java.net.InetSocketAddress;

import org.handoff.http.limits.Complaint;
import org.handoff.http.loop.Listener;
import org.handoff.monitor.api.Target;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listener for one target, which takes connections of any protocol. On the event loop only. */
final class TcpPort {

    private static final Logger LOG = LoggerFactory.getLogger(TcpPort.class);

    /** What {@code monitor:status} says of it. @param ended as for {@link #countEnded} */
    record Status(String target, String listener, int open, long ended) {}

    private final String context;
    private final Routes routes;
    private final Listener listener;
    private final Complaint ended = new Complaint();
    private String name;
    private int open;

    /** @param context its address, as {@link Target#TCP} begins it @param name its target's */
    TcpPort(String context, String name, InetSocketAddress address, Connections connections) {
        this.context = context;
        this.routes = connections.routes;
        this.name = name;
        listener = new Listener(
                new Listener.Purpose("Monitor, for " + name, "the file of " + name, ""),
                address,
                null,
                connections.loop,
                descriptor -> connections.accepted(descriptor, this));
    }

    void open() {
        listener.open();
    }

    /** Its target has another name, or is another one. */
    void rename(String by) {
        name = by;
    }

    /**
     * The target of its connections; null if it has gone. That of the moment, as of a request: a waiting room that was
     * withdrawn gives its connections back before the port hears of another target.
     */
    Target target() {
        return routes.at(context);
    }

    /** The problem of the listener; empty if it listens. */
    String problem() {
        return listener.bound() == null ? listener.toString() : "";
    }

    void stop() {
        listener.stop();
    }

    void opened() {
        open++;
    }

    void closed() {
        open--;
    }

    /** A connection is ended here: no process serves it, or one has died with something that it had read. */
    void countEnded() {
        ended.happens();
        complain(System.nanoTime());
    }

    /** Logs the number of ended connections, once a minute. */
    private void complain(long now) {
        long untold = ended.take(now);
        if (untold > 0) {
            LOG.warn(
                    "{} connections to {} were closed, {} since the start: {} did not serve them, or its worker died "
                            + "with what it had read; monitor:contexts shows its state",
                    untold,
                    listener.address(),
                    ended.times(),
                    name);
        }
    }

    void sweep(long now) {
        complain(now);
    }

    Status status() {
        return new Status(name, listener.toString(), open, ended.times());
    }
}
