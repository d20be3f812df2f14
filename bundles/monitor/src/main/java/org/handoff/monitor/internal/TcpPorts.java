package org.handoff.monitor.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.handoff.monitor.internal.Routes.Route;

/**
 * The listeners of targets that take connections of any protocol, one for each address in the routing table. On the
 * event loop only.
 */
final class TcpPorts {

    private final Connections connections;
    /** By context, as {@link org.handoff.monitor.api.Target#TCP} begins it. */
    private final Map<String, TcpPort> ports = new TreeMap<>();

    private boolean closed;

    TcpPorts(Connections connections) {
        this.connections = connections;
    }

    /** Takes the routes of all addresses: opens and closes listeners; connections of those that stay live on. */
    void update(Map<String, Route> routes) {
        if (closed) {
            return;
        }
        List<String> gone = new ArrayList<>(ports.keySet());
        gone.removeAll(routes.keySet());
        // Their connections end when their clients say something, or nothing for a while.
        gone.forEach(context -> ports.remove(context).stop());
        routes.forEach((context, route) -> {
            TcpPort port = ports.get(context);
            if (port == null) {
                port = new TcpPort(context, route.name(), route.listen(), connections);
                ports.put(context, port);
                port.open();
            } else {
                port.rename(route.name());
            }
        });
    }

    /** The problem of the listener for this context; empty if there is none. */
    String problem(String context) {
        TcpPort port = ports.get(context);
        return port == null ? "" : port.problem();
    }

    List<TcpPort.Status> status() {
        return ports.values().stream().map(TcpPort::status).toList();
    }

    void sweep(long now) {
        ports.values().forEach(port -> port.sweep(now));
    }

    /** Stops accepting. */
    void close() {
        closed = true;
        ports.values().forEach(TcpPort::stop);
    }
}
